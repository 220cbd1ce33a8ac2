/** Tokens are random enough (192 bits) that a plain SHA-256 keeps them: there is nothing to guess. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const tokenBytes = 24;

/** 32 characters of base64url. */
export function createToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

/** SHA-256, 32 bytes. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The entry with this digest; takes the same time wherever the digests differ. */
export function findByDigest<T extends { readonly digest: Buffer }>(
  entries: Iterable<T>,
  digest: Buffer,
): T | undefined {
  let found: T | undefined;
  for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) found = entry;
  return found;
}

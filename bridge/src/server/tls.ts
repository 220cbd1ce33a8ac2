/** Certificate and key of the HTTP face. */
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export interface TlsFiles {
  /** Certificate and its chain, PEM. */
  readonly cert: string;
  /** Private key, PEM, without a password. */
  readonly key: string;
}

export interface TlsCredentials {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Throws, with the names of the files, when they are not there or do not fit each other. */
export function readTlsFiles({ cert, key }: TlsFiles): TlsCredentials {
  try {
    const credentials = { cert: readFileSync(cert), key: readFileSync(key) };
    createSecureContext(credentials);
    return credentials;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`TLS cannot be used with ${cert} and ${key}: ${reason}.`, { cause });
  }
}

/** Whether a file lets in more than its owner and group. */
export function isReadableByAll(file: string): boolean {
  return ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o004) !== 0;
}

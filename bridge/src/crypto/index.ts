/** Signatures and digests of images by node:crypto: the adapter of the pure functions of image/. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

export type Sha256 = (bytes: Uint8Array) => Uint8Array;
/** Ed25519 (RFC 8032) signature of a message: 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array;
/** Whether an Ed25519 signature of a message is by a public key of 32 bytes. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

// RFC 8410: what stands before the 32 bytes of an Ed25519 key in SPKI and PKCS #8.
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** Signs with a key object, or with the 32-byte seed of RFC 8032. */
export function createSigner(key: KeyObject | Uint8Array): Sign {
  const privateKey = key instanceof Uint8Array ? privateKeyOfSeed(key) : key;
  return (message) => new Uint8Array(sign(null, message, privateKey));
}

export const verifyEd25519: Verify = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return verify(null, message, publicKeyOfBytes(publicKey), signature);
};

/** The 32 bytes of the public key that belongs to a private or public key. */
export function publicKeyBytes(key: KeyObject | Uint8Array): Uint8Array {
  const source = key instanceof Uint8Array ? privateKeyOfSeed(key) : key;
  const publicKey = source.type === 'public' ? source : createPublicKey(source);
  return new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length));
}

function privateKeyOfSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOfBytes(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: 'der', type: 'spki' });
}

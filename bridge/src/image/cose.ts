/** COSE_Sign1 (RFC 9052 section 4.2) with Ed25519, as docs/reference/wire.md#manifest uses it. Pure: keys stay outside. */
import { decode, encode } from 'cborg';
import type { Sha256, Sign, Verify } from '../crypto/index.ts';
import { sameBytes, toHex } from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';
import { abiLimits } from '../tables/index.ts';

/** RFC 9052 table 2. */
const TAG_SIGN1 = 0xd2;
const HEADER_ALG = 1;
const HEADER_KID = 4;
/** Ed25519 of RFC 9864. */
const ALG_ED25519 = -19;
const KID_BYTES = 8;
const noBytes = new Uint8Array(0);

export interface Sign1 {
  /** The protected header as it was signed. */
  readonly protectedHeader: Uint8Array;
  /** First 8 bytes of SHA-256(public key). */
  readonly kid: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Key identifier of a public key. */
export function keyId(publicKey: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(publicKey).slice(0, KID_BYTES);
}

/** Signs a payload. */
export function signSign1(payload: Uint8Array, kid: Uint8Array, sign: Sign): Uint8Array {
  const header = encodeHeader(kid);
  return encodeSign1({
    protectedHeader: header,
    kid,
    payload,
    signature: sign(signedBytes(header, payload)),
  });
}

/** Whether the signature is by this key, and the key identifier belongs to it. */
export function verifySign1(message: Sign1, publicKey: Uint8Array, sha256: Sha256, verify: Verify): boolean {
  if (!sameBytes(message.kid, keyId(publicKey, sha256))) return false;
  return verify(publicKey, signedBytes(message.protectedHeader, message.payload), message.signature);
}

function encodeSign1(message: Sign1): Uint8Array {
  const body = encode([message.protectedHeader, new Map(), message.payload, message.signature]);
  const tagged = new Uint8Array(body.length + 1);
  tagged[0] = TAG_SIGN1;
  tagged.set(body, 1);
  return tagged;
}

/** Reads a tagged COSE_Sign1 in its one accepted form; RadonError BAD_MANIFEST otherwise. Nothing is verified. */
export function decodeSign1(bytes: Uint8Array): Sign1 {
  if (bytes.length > abiLimits.manifestBytes) throw bad(`more than ${abiLimits.manifestBytes} bytes`);
  if (bytes[0] !== TAG_SIGN1) throw bad('no COSE_Sign1 (tag 18)');
  const parts = decodeCbor(bytes.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw bad('COSE_Sign1 is not an array of 4');
  const [protectedHeader, unprotected, payload, signature] = parts as readonly unknown[];
  if (!(unprotected instanceof Map) || unprotected.size > 0) throw bad('the unprotected header is not empty');
  if (!isBytes(protectedHeader) || !isBytes(payload)) throw bad('header or payload is not a byte string');
  if (!isBytes(signature) || signature.length !== 64) throw bad('the signature is not 64 bytes');
  const message = { protectedHeader, kid: decodeHeader(protectedHeader), payload, signature };
  if (!sameBytes(encodeSign1(message), bytes)) throw bad('not deterministic CBOR');
  return message;
}

/** RFC 9052 4.4: what is signed; the external AAD is empty. */
function signedBytes(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  return encode(['Signature1', protectedHeader, noBytes, payload]);
}

function encodeHeader(kid: Uint8Array): Uint8Array {
  return encode(
    new Map<number, unknown>([
      [HEADER_ALG, ALG_ED25519],
      [HEADER_KID, kid],
    ]),
  );
}

function decodeHeader(bytes: Uint8Array): Uint8Array {
  const header = decodeCbor(bytes);
  if (!(header instanceof Map)) throw bad('the protected header is not a map');
  if (header.get(HEADER_ALG) !== ALG_ED25519) throw bad('the algorithm is not Ed25519 (-19)');
  const kid: unknown = header.get(HEADER_KID);
  if (!isBytes(kid) || kid.length !== KID_BYTES) throw bad('kid is not 8 bytes');
  if (!sameBytes(encodeHeader(kid), bytes)) throw bad(`unexpected protected header ${toHex(bytes)}`);
  return kid;
}

function decodeCbor(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, {
      useMaps: true,
      strict: true,
      allowIndefinite: false,
      rejectDuplicateMapKeys: true,
    });
  } catch (cause) {
    throw bad('not deterministic CBOR', cause);
  }
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function bad(detail: string, cause?: unknown): RadonError {
  return new RadonError('BAD_MANIFEST', { detail }, { cause });
}

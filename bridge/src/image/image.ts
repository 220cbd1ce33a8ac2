/** `NAME.atom`: a CBOR sequence (RFC 8742) of the signed manifest and the code as one byte string. */
import { decodeFirst, encode } from 'cborg';
import type { Sha256 } from '../crypto/index.ts';
import { sameBytes } from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';
import { abiLimits } from '../tables/index.ts';
import { decodeSign1, type Sign1 } from './cose.ts';
import type { Manifest } from './manifest.ts';
import { decodeManifest } from './manifest-codec.ts';

/** An image, taken apart. */
export interface Image {
  /** The COSE_Sign1, as it is put to `/atoms/{name}`. */
  readonly manifestFile: Uint8Array;
  readonly sign1: Sign1;
  readonly manifest: Manifest;
  readonly code: Uint8Array;
}

export function encodeImage(manifestFile: Uint8Array, code: Uint8Array): Uint8Array {
  const tail = encode(code);
  const image = new Uint8Array(manifestFile.length + tail.length);
  image.set(manifestFile);
  image.set(tail, manifestFile.length);
  return image;
}

/** Reads an image and checks code against manifest; RadonError BAD_MANIFEST or BAD_DIGEST. The signature is not verified. */
export function decodeImage(bytes: Uint8Array, sha256: Sha256): Image {
  const rest = bytes.length > 0 ? decodeNext(bytes.subarray(1)) : bytes;
  const manifestFile = bytes.slice(0, bytes.length - rest.length);
  const sign1 = decodeSign1(manifestFile);
  const manifest = decodeManifest(sign1.payload);
  const code = decodeCode(rest);
  checkCode(manifest, code, sha256);
  return { manifestFile, sign1, manifest, code };
}

/** What follows the first item: after the tag byte, that is the array of the COSE_Sign1. */
function decodeNext(bytes: Uint8Array): Uint8Array {
  try {
    return decodeFirst(bytes, { useMaps: true })[1];
  } catch (cause) {
    throw badImage('does not start with a COSE_Sign1', cause);
  }
}

function decodeCode(bytes: Uint8Array): Uint8Array {
  try {
    const [code, rest] = decodeFirst(bytes, { strict: true, allowIndefinite: false });
    if (code instanceof Uint8Array && rest.length === 0) return code.slice();
  } catch (cause) {
    throw badImage('the code after the manifest is cut or missing', cause);
  }
  throw badImage('more or something else than the code follows the manifest');
}

function checkCode(manifest: Manifest, code: Uint8Array, sha256: Sha256): void {
  const [payload] = manifest.payloads;
  if (code.length > abiLimits.moduleBytes) throw badImage(`more than ${abiLimits.moduleBytes} bytes of code`);
  if (payload.size !== code.length) throw badImage(`${code.length} bytes of code instead of ${payload.size}`);
  if (!sameBytes(payload.digest, sha256(code))) throw new RadonError('BAD_DIGEST');
}

function badImage(detail: string, cause?: unknown): RadonError {
  return new RadonError('BAD_MANIFEST', { detail }, { cause });
}

import type { Sha256, Sign, Verify } from '../crypto/index.ts';
import { toHex } from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';
import { abiLimits } from '../tables/index.ts';
import { decodeSign1, keyId, signSign1, verifySign1 } from './cose.ts';
import type { Manifest } from './manifest.ts';
import { decodeManifest, encodeManifest } from './manifest-codec.ts';
import { keyRight, type TrustedKey } from './provisioning.ts';

/** A signed manifest file; RadonError BAD_MANIFEST when it is not valid or larger than nodes take. */
export function signManifest(manifest: Manifest, kid: Uint8Array, sign: Sign): Uint8Array {
  const file = signSign1(encodeManifest(manifest), kid, sign);
  if (file.length <= abiLimits.manifestBytes) return file;
  const detail = `${file.length} bytes signed, ${abiLimits.manifestBytes} are the limit`;
  throw new RadonError('BAD_MANIFEST', { detail });
}

/**
 * Reads a manifest file as a node does: known key, signature, then the manifest, the key's right to deploy and its
 * prefix. RadonError BAD_MANIFEST, UNKNOWN_KEY, BAD_SIGNATURE or KEY_RIGHTS.
 */
export function openManifest(
  file: Uint8Array,
  keys: readonly TrustedKey[],
  crypto: { readonly sha256: Sha256; readonly verify: Verify },
): Manifest {
  const sign1 = decodeSign1(file);
  const kid = toHex(sign1.kid);
  const trusted = keys.find(({ key }) => toHex(keyId(key, crypto.sha256)) === kid);
  if (trusted === undefined) throw new RadonError('UNKNOWN_KEY', { kid });
  if (!verifySign1(sign1, trusted.key, crypto.sha256, crypto.verify)) throw new RadonError('BAD_SIGNATURE');
  const manifest = decodeManifest(sign1.payload);
  const mayDeploy = (trusted.rights & keyRight.deploy) !== 0 && manifest.name.startsWith(trusted.prefix);
  if (!mayDeploy) throw new RadonError('KEY_RIGHTS', { kid, right: 'deploy', name: manifest.name });
  return manifest;
}

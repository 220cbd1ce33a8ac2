import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createSigner, publicKeyBytes, sha256, verifyEd25519 } from '../crypto/index.ts';
import { toHex } from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';
import {
  decodeProvisioning,
  decodeSign1,
  encodeProvisioning,
  keyId,
  openManifest,
  signManifest,
} from './index.ts';

interface Vectors {
  readonly keys: readonly { seed: string; key: string; kid: string; prefix: string; rights: number }[];
  readonly manifests: readonly { name: string; file: string; problem: string | null; field: string }[];
  readonly provisioning: readonly { name: string; valid: boolean; sector: string }[];
  readonly signatures: readonly {
    name: string;
    valid: boolean;
    key: string;
    message: string;
    signature: string;
  }[];
}

const file = new URL('../../../test/vectors/manifests.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const crypto = { sha256, verify: verifyEd25519 };
const keys = vectors.keys.map(({ key, prefix, rights }) => ({ key: hex(key), prefix, rights }));
/** What a node finds out from the manifest file alone; the other problems need its state. */
const ofTheFile = new Set(['BAD_MANIFEST', 'UNKNOWN_KEY', 'BAD_SIGNATURE', 'KEY_RIGHTS']);

function problemOf(manifest: Uint8Array): { code: string; detail: unknown } | undefined {
  try {
    openManifest(manifest, keys, crypto);
    return undefined;
  } catch (error) {
    if (!(error instanceof RadonError)) throw error;
    return { code: error.code, detail: error.details.detail };
  }
}

describe('the vectors shared with the firmware', () => {
  test.each(vectors.keys)('key $kid', ({ seed, key, kid }) => {
    expect(toHex(publicKeyBytes(hex(seed)))).toBe(key);
    expect(toHex(keyId(hex(key), sha256))).toBe(kid);
  });

  test.each(vectors.manifests.filter(({ problem }) => problem !== null && ofTheFile.has(problem)))(
    'manifest: $name',
    ({ file, problem, field }) => {
      const found = problemOf(hex(file));
      expect(found?.code).toBe(problem);
      // A firmware reads and judges in one go, so it also knows in which field the encoding is wrong.
      const isEncoding = /^not |^invalid /.test(String(found?.detail));
      if (problem === 'BAD_MANIFEST' && field !== '' && !isEncoding) {
        expect(String(found?.detail).split(' ')[0]).toBe(field);
      }
    },
  );

  test.each(vectors.manifests.filter(({ problem }) => problem === null || !ofTheFile.has(problem)))(
    'manifest: $name reads and is signed the same again',
    ({ file }) => {
      const manifest = openManifest(hex(file), keys, crypto);
      const kid = toHex(decodeSign1(hex(file)).kid);
      const seed = vectors.keys.find((key) => key.kid === kid)?.seed ?? '';
      expect(toHex(signManifest(manifest, hex(kid), createSigner(hex(seed))))).toBe(file);
    },
  );

  test.each(vectors.provisioning)('provisioning: $name', ({ sector, valid }) => {
    if (!valid) {
      expect(() => decodeProvisioning(hex(sector))).toThrow(
        expect.objectContaining({ code: 'BAD_MANIFEST' }),
      );
      return;
    }
    const record = toHex(encodeProvisioning(decodeProvisioning(hex(sector))));
    expect(sector.startsWith(record)).toBe(true);
  });

  test.each(vectors.signatures)('signature: $name', ({ key, message, signature, valid }) => {
    expect(verifyEd25519(hex(key), hex(message), hex(signature))).toBe(valid);
  });
});

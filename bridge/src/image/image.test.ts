import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSigner, publicKeyBytes, sha256, verifyEd25519 } from '../crypto/index.ts';
import { toHex } from '../fields/index.ts';
import {
  decodeImage,
  decodeManifest,
  decodeProvisioning,
  decodeSign1,
  encodeImage,
  encodeManifest,
  encodeProvisioning,
  keyId,
  type Manifest,
  openManifest,
  signManifest,
} from './index.ts';

const seed = new Uint8Array(32).fill(7);
const publicKey = publicKeyBytes(seed);
const kid = keyId(publicKey, sha256);
const crypto = { sha256, verify: verifyEd25519 };
const trusted = { key: publicKey, prefix: '', rights: 1 };
const code = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const manifest: Manifest = {
  name: 'rain',
  version: '1.0',
  sequence: 5,
  abi: 1,
  board: 'any',
  configuration: {
    kind: 'daemon',
    recovery: 'none',
    limits: {
      memory: 1024,
      stack: 1024,
      deadlineMs: 50,
      storage: 512,
      timers: 1,
      pending: 2,
      body: 64,
      publish: 128,
      inbox: { messages: 4, bytes: 256, waitMs: 5000 },
    },
    replyWithinMs: 1000,
    io: ['rain0'],
    resources: [{ path: 'level', rt: 'rainfall', ct: [112], obs: true }],
  },
  payloads: [
    {
      format: 'wasm',
      digest: sha256(code),
      size: code.length,
      need: { load: 9, run: 8, engine: '0123abcd' },
    },
  ],
};
const file = signManifest(manifest, kid, createSigner(seed));

describe('manifest', () => {
  test('what is signed opens under the key it was signed with', () => {
    expect(openManifest(file, [trusted], crypto)).toEqual(manifest);
  });

  test('the public key and signature of RFC 8032 section 7.1 test 2', () => {
    const secret = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
    const signature = createSigner(new Uint8Array(secret))(Uint8Array.of(0x72));
    expect(toHex(publicKeyBytes(new Uint8Array(secret)))).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    );
    expect(toHex(signature)).toMatch(/^92a009a9f0d4cab8720e820b5f642540/);
  });

  test('every changed bit is refused', () => {
    for (let bit = 0; bit < file.length * 8; bit += 1) {
      const changed = file.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openManifest(changed, [trusted], crypto)).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^(BAD_MANIFEST|BAD_SIGNATURE|UNKNOWN_KEY)$/),
        }),
      );
    }
  });

  test('a cut at every byte is refused', () => {
    for (let length = 0; length < file.length; length += 1) {
      expect(() => decodeSign1(file.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'BAD_MANIFEST' }),
      );
    }
  });

  test.each([
    ['an unknown key', [], 'UNKNOWN_KEY'],
    ['a key without the right', [{ ...trusted, rights: 2 }], 'KEY_RIGHTS'],
    ['a key for other names', [{ ...trusted, prefix: 'snow' }], 'KEY_RIGHTS'],
  ])('%s', (_, keys, code) => {
    expect(() => openManifest(file, keys, crypto)).toThrow(expect.objectContaining({ code }));
  });

  const configuration = manifest.configuration;
  test.each<[string, unknown, string]>([
    ['name', { ...manifest, name: 'Rain' }, 'name "Rain" does not match'],
    ['sequence', { ...manifest, sequence: 0 }, 'sequence 0 is outside 1..4294967295'],
    ['wrong type', { ...manifest, board: undefined }, 'board is not text'],
    ['unknown field', { ...manifest, error: 1 }, 'error is not known'],
    ['limit', withLimit({ memory: 1 }), 'configuration.limits.memory 1 is outside 64..65536'],
    ['fraction', withLimit({ timers: 0.5 }), 'configuration.limits.timers is not an integer'],
    ['policy', withConfiguration({ policy: 'one' }), 'configuration.policy is for reactive atoms'],
    [
      'instances of a daemon',
      withLimit({ instances: 2 }),
      'configuration.limits.instances is for reactive atoms',
    ],
    ['a default', withConfiguration({ maxRestarts: 5 }), 'configuration.maxRestarts is its default'],
    ['a pattern', withConfiguration({ send: ['a', '(b'] }), 'configuration.send[1] is no pattern'],
    [
      'resource',
      withConfiguration({ resources: [{ rt: 'x' }] }),
      'configuration.resources[0].path is missing',
    ],
    ['payloads', { ...manifest, payloads: [] }, 'payloads has 0 members'],
    ['long text', { ...manifest, version: 'ä'.repeat(9) }, 'version is longer than 16 bytes'],
  ])('%s is refused with its name', (_, value, detail) => {
    expect(() => encodeManifest(value as Manifest)).toThrow(detail);
  });

  test('a manifest larger than nodes take is not signed', () => {
    const path = (index: number) => ({ path: `${index}`.padEnd(64, 'x'), title: 't'.repeat(64) });
    const large = withConfiguration({ resources: Array.from({ length: 8 }, (_, index) => path(index)) });
    expect(() => signManifest(large, kid, createSigner(seed))).toThrow('1024 are the limit');
  });

  test('arbitrary bytes give BAD_MANIFEST', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(() => decodeManifest(bytes)).toThrow(expect.objectContaining({ code: 'BAD_MANIFEST' }));
        expect(() => decodeSign1(Uint8Array.of(0xd2, ...bytes))).toThrow(
          expect.objectContaining({ code: 'BAD_MANIFEST' }),
        );
      }),
    );
  });

  function withConfiguration(change: object): Manifest {
    return { ...manifest, configuration: { ...configuration, ...change } };
  }

  function withLimit(change: object): Manifest {
    return withConfiguration({ limits: { ...configuration.limits, ...change } });
  }
});

describe('image', () => {
  const image = encodeImage(file, code);

  test('reads back', () => {
    const decoded = decodeImage(image, sha256);
    expect(decoded.manifestFile).toEqual(file);
    expect(decoded.manifest).toEqual(manifest);
    expect(decoded.code).toEqual(code);
    expect(decoded.sign1.kid).toEqual(kid);
  });

  test('a cut at every byte, and a byte too many, are refused', () => {
    for (let length = 0; length < image.length; length += 1) {
      expect(() => decodeImage(image.subarray(0, length), sha256)).toThrow(
        expect.objectContaining({ code: 'BAD_MANIFEST' }),
      );
    }
    expect(() => decodeImage(Uint8Array.of(...image, 0), sha256)).toThrow('follows the manifest');
  });

  test('other code than the manifest names is refused', () => {
    const other = code.slice();
    other[7] = 1;
    expect(() => decodeImage(encodeImage(file, other), sha256)).toThrow(
      expect.objectContaining({ code: 'BAD_DIGEST' }),
    );
    expect(() => decodeImage(encodeImage(file, code.subarray(1)), sha256)).toThrow(
      '7 bytes of code instead of 8',
    );
  });
});

describe('provisioning record', () => {
  const record = { id: new Uint8Array(8).fill(1), name: 'gauge-1', board: 'netduinoplus2', keys: [trusted] };

  test('starts with its magic, length and checksum and reads back from a sector', () => {
    const bytes = encodeProvisioning(record);
    expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe('RDNP');
    expect(bytes.length % 4).toBe(0);
    const sector = new Uint8Array(16384).fill(0xff);
    sector.set(bytes);
    expect(decodeProvisioning(sector)).toEqual(record);
  });

  test('erased, cut and damaged sectors are refused', () => {
    const bytes = encodeProvisioning(record);
    const damaged = bytes.slice();
    damaged[20] = (damaged[20] ?? 0) ^ 1;
    expect(() => decodeProvisioning(new Uint8Array(64).fill(0xff))).toThrow('missing');
    expect(() => decodeProvisioning(bytes.subarray(0, 30))).toThrow('cut');
    expect(() => decodeProvisioning(damaged)).toThrow('bad checksum');
    expect(() => decodeProvisioning(new Uint8Array(0))).toThrow('missing');
  });

  test('five keys are too many', () => {
    expect(() => encodeProvisioning({ ...record, keys: Array.from({ length: 5 }, () => trusted) })).toThrow(
      'keys has 5',
    );
  });
});

import { createSigner, sha256 } from '@radon/bridge/crypto';
import { encodeManifest, keyId, type Manifest, signSign1 } from '@radon/bridge/image';
import type { NodePort } from '@radon/bridge/registry';
import { contentFormat } from '@radon/bridge/tables';
import { openKeyStore, type SignedImage, signingKey } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, randomBytes, testSeed } from '../support/random.ts';
import { describeResponse, nodeRequest, readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const largestManifest = 1024;

describe('a board that is sent images nobody should run', () => {
  let project: TestProject;
  let node: NodePort;
  let rain: SignedImage;
  let readings = 0;
  let announced = 0;

  beforeAll(async () => {
    project = await openTestProject();
    node = await project.openBoard('gauge');
    rain = await project.push(node, 'rain');
  });
  afterAll(() => project?.close());

  /** Signs whatever bytes with the key the board trusts. */
  function sign(payload: Uint8Array): Uint8Array {
    const { publicKey, privateKey } = signingKey(openKeyStore(project.workspace));
    return signSign1(payload, keyId(publicKey, sha256), createSigner(privateKey));
  }

  const manifestWith = (changes: Partial<Manifest>): Uint8Array =>
    sign(
      encodeManifest({
        ...rain.manifest,
        name: 'other',
        sequence: rain.manifest.sequence + 1,
        ...changes,
      }),
    );

  async function putManifest(file: Uint8Array, name = 'other'): Promise<string> {
    const format = { contentFormat: contentFormat.COSE_SIGN1 };
    return describeResponse(await node.request(nodeRequest('PUT', `/atoms/${name}`, file, format)));
  }

  async function putCode(digest: Uint8Array, code: Uint8Array, offset = 0, more = false): Promise<string> {
    const path = `/images/${Buffer.from(digest).toString('hex')}`;
    const request = { contentFormat: contentFormat.OCTET_STREAM, part: { offset, more } };
    return describeResponse(await node.request(nodeRequest('PUT', path, code, request)));
  }

  /** A manifest that is accepted, for code of which only the digest is right so far. */
  async function announce(code: Uint8Array): Promise<Uint8Array> {
    const digest = sha256(code);
    const [payload] = rain.manifest.payloads;
    announced += 1;
    const sequence = rain.manifest.sequence + announced;
    const manifest = { sequence, payloads: [{ ...payload, digest, size: code.length }] as const };
    expect(await putManifest(manifestWith(manifest))).toMatch(/^2\.0[14] /);
    return digest;
  }

  /** rain answers, counts on, and was never restarted. */
  async function expectRainRuns(): Promise<void> {
    await setChannel(node, 'rain0', 1);
    readings += 1;
    await expect
      .poll(async () => {
        const level = await node.request(nodeRequest('GET', '/a/rain/level', '', { accept: 110 }));
        return (JSON.parse(new TextDecoder().decode(level.payload)) as { v: number }[])[1]?.v;
      })
      .toBe(readings);
    // What it published is there a moment before its activation is over.
    await expect
      .poll(() => readDocument(node, '/atoms/rain'))
      .toMatchObject({ phase: 'SUSPENDED', restarts: 0, sequence: rain.manifest.sequence });
    expect(await readDocument(node, '/node')).toMatchObject({ reset: 'power' });
  }

  const spoil = (bytes: Uint8Array, at: number) =>
    bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const manifests: readonly [string, () => Uint8Array, string][] = [
    ['no bytes', () => new Uint8Array(0), '4.00 BAD_MANIFEST'],
    ['another tag', () => spoil(manifestWith({}), 0), '4.00 BAD_MANIFEST'],
    ['a file that is cut', () => manifestWith({}).subarray(0, 90), '4.00 BAD_MANIFEST'],
    ['a byte too many', () => Buffer.concat([manifestWith({}), Buffer.of(0)]), '4.00 BAD_MANIFEST'],
    ['another signature', () => spoil(manifestWith({}), manifestWith({}).length - 1), '4.01 BAD_SIGNATURE'],
    ['a key nobody knows', () => spoil(manifestWith({}), 10), '4.01 UNKNOWN_KEY'],
    ['CBOR that is no map', () => sign(Uint8Array.of(0x83, 1, 2, 3)), '4.00 BAD_MANIFEST'],
    ['CBOR nested without end', () => sign(new Uint8Array(400).fill(0x81)), '4.00 BAD_MANIFEST'],
    ['CBOR of indefinite length', () => sign(Uint8Array.of(0xbf, 0xff)), '4.00 BAD_MANIFEST'],
    [
      'a map of 2^64 - 1 members',
      () => sign(new Uint8Array(9).fill(0xff).fill(0xbb, 0, 1)),
      '4.00 BAD_MANIFEST',
    ],
    ['the manifest of another name', () => manifestWith({ name: 'third' }), '4.00 NAME_MISMATCH'],
    ['the engine of another firmware', () => withNeed({ engine: '00000000' }), '4.22 WRONG_ENGINE'],
    ['more memory than there is', () => withNeed({ run: 200_000 }), '4.22 DOES_NOT_FIT'],
  ];

  function withNeed(need: Partial<Manifest['payloads'][0]['need']>): Uint8Array {
    const [payload] = rain.manifest.payloads;
    return manifestWith({ payloads: [{ ...payload, need: { ...payload.need, ...need } }] });
  }

  it.each(manifests)('refuses a manifest: %s', async (_title, file, answer) => {
    expect(await putManifest(file())).toBe(answer);
    expect((await readDocument(node, '/atoms')) as unknown).toMatchObject([{ name: 'rain' }]);
    await expectRainRuns();
  });

  it('refuses a manifest above the limit', async () => {
    expect(await putManifest(new Uint8Array(largestManifest + 1).fill(0xd2))).toMatch(/^4\.13/);
    await expectRainRuns();
  });

  it('refuses random bytes and random changes to a good manifest, signed or not', {
    timeout: 60_000,
  }, async () => {
    const random = createRandom(testSeed('random manifests'));
    const good = encodeManifest({ ...rain.manifest, name: 'other', sequence: rain.manifest.sequence + 1 });
    for (let round = 0; round < 60; round += 1) {
      const at = Math.floor(random() * good.length);
      const changed = spoil(good, at);
      const file =
        round % 3 === 0 ? randomBytes(random, 1 + Math.floor(random() * 600)) : sign(changed.slice(0, at));
      expect(await putManifest(file), Buffer.from(file).toString('hex')).toMatch(/^4\.0[01] /);
    }
    await expectRainRuns();
  });

  it('refuses code that no manifest names', async () => {
    expect(await putCode(sha256(rain.code.subarray(1)), rain.code)).toBe('4.03 NOT_WANTED');
    await expectRainRuns();
  });

  it('refuses code from the wrong place, and code that is not what was signed', async () => {
    const digest = await announce(rain.code.map((byte, at) => (at > 100 ? byte ^ 0xff : byte)));
    expect(await putCode(digest, rain.code.subarray(0, 64), 512, true)).toBe('4.08 WRONG_OFFSET');
    expect(await putCode(digest, rain.code)).toBe('4.22 BAD_DIGEST');
    expect(await readDocument(node, '/atoms/other')).toMatchObject({ phase: 'WAITING' });
    await expectRainRuns();
  });

  it('refuses code that was signed and is no module, in 30 ways', { timeout: 60_000 }, async () => {
    const random = createRandom(testSeed('random modules'));
    for (let round = 0; round < 30; round += 1) {
      // Before the data section: without that alone it would still be a module.
      const cut = 9 + Math.floor(random() * 0.6 * rain.code.length);
      const code =
        round % 2 === 0 ? rain.code.slice(0, cut) : randomBytes(random, 8 + Math.floor(random() * 300));
      const answer = await putCode(await announce(code), code);
      expect(answer, Buffer.from(code).toString('hex')).toMatch(
        /^4\.22 (BAD_MODULE|BAD_EXPORT|REFUSED_FEATURE)$/,
      );
    }
    await expectRainRuns();
  });
});

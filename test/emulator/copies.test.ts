import { sha256 } from '@radon/bridge/crypto';
import { pushImage } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { contentFormat } from '@radon/bridge/tables';
import { signImage } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtAtom } from '../support/built-atoms.ts';
import { eventually } from '../support/deadline.ts';
import { describeResponse, nodeRequest, readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const names = Array.from({ length: 8 }, (_, index) => `rain-${index + 1}`);

/** Two of them beside each other fill most of a sector of 128 KiB. */
const fillerBytes = 55_000;

interface Memory {
  readonly load: number;
  readonly run: number;
  readonly total: number;
  readonly used: number;
}

describe('copies of one atom on a board of 128 KiB', () => {
  let project: TestProject;
  let node: NodePort;

  beforeAll(async () => {
    project = await openTestProject();
    node = await project.openBoard('gauge');
  });
  afterAll(() => project?.close());

  /** Pushes rain under another name, with what it needs said otherwise. */
  async function pushCopy(name: string, less: { load?: number; run?: number } = {}): Promise<void> {
    const built = await builtAtom('rain');
    const { load = 0, run = 0, engine = '' } = built.need ?? {};
    const need = { load: load - (less.load ?? 0), run: run - (less.run ?? 0), engine };
    await pushImage(node, signImage(project.workspace, { ...built, name, need }));
  }

  /** Pushes rain with a long custom section, another one each time: flash fills, memory does not. */
  async function pushFiller(version: number): Promise<void> {
    const built = await builtAtom('rain');
    const content = Buffer.alloc(fillerBytes, version);
    content[0] = 0; // the section's name: none
    const length = [(content.length & 127) | 128, ((content.length >> 7) & 127) | 128, content.length >> 14];
    const wasm = new Uint8Array(Buffer.concat([built.wasm, Buffer.from([0, ...length]), content]));
    const digest = sha256(wasm);
    await pushImage(node, signImage(project.workspace, { ...built, name: 'filler', wasm, digest }));
  }

  async function erases(): Promise<number> {
    return ((await readDocument(node, '/node')).counters as { erases: number }).erases;
  }

  async function memoryOf(name: string): Promise<Memory> {
    return (await readDocument(node, `/atoms/${name}`)).memory as Memory;
  }

  async function ram(): Promise<{ used: number; free: number; total: number; largest: number }> {
    return (await readDocument(node, '/node')).ram as Awaited<ReturnType<typeof ram>>;
  }

  /** Bytes of a board that a copy takes by docs/reference/wire.md, its module not counted. */
  async function ownBytes(): Promise<number> {
    const { need, configuration } = await builtAtom('rain');
    const { inbox, publish, body, pending } = configuration.limits;
    const { atomOverhead, instanceOverhead } = await readDocument(node, '/node');
    const overhead = (atomOverhead as number) + (instanceOverhead as number);
    const parts = [need?.run ?? 0, inbox.bytes, publish, body * pending].map(
      (part) => Math.ceil(part / 8) * 8,
    );
    return parts.reduce((sum, part) => sum + part, 40 * (inbox.messages + pending) + overhead);
  }

  it('eight run at once, and take what the manifest says to the byte', async () => {
    const { need } = await builtAtom('rain');
    const module = Math.ceil((need?.load ?? 0) / 8) * 8;
    const own = await ownBytes();
    for (const [index, name] of names.entries()) {
      await pushCopy(name);
      expect((await ram()).used).toBe(module + own * (index + 1));
      expect(await memoryOf(name)).toEqual({ load: need?.load, run: need?.run, total: own, used: need?.run });
    }
    const { used, total, largest } = await ram();
    console.log(
      `8 copies of rain: ${used} of ${total} bytes (module ${module}, each ${own}), largest gap ${largest}`,
    );
  });

  it('each counts its readings by itself', async () => {
    await setChannel(node, 'rain0', 3);
    for (const name of names) {
      const level = await eventually(name, async () => {
        const text = describeResponse(await node.request(nodeRequest('GET', `/a/${name}/level`)));
        return text.includes('"v":3') && text;
      });
      expect(level).toContain('"n":"days"');
    }
    const answer = await node.request(nodeRequest('PUT', '/a/rain-3/threshold', '7'));
    expect(describeResponse(answer)).toMatch(/^2\.04/);
    expect(describeResponse(await node.request(nodeRequest('GET', '/a/rain-4/threshold')))).not.toBe(
      '2.05 7',
    );
  });

  it('one that goes leaves the module to the others; the last one takes it along', async () => {
    const own = await ownBytes();
    const before = await ram();
    expect(describeResponse(await node.request(nodeRequest('DELETE', '/atoms/rain-1')))).toBe('2.02');
    expect((await ram()).used).toBe(before.used - own);
    for (const name of names.slice(1)) await node.request(nodeRequest('DELETE', `/atoms/${name}`));
    expect((await ram()).used).toBe(0);
  });

  it('copies share again after flash was compacted and the old sector erased under them', async () => {
    await pushCopy('wet-1');
    await pushCopy('wet-2');
    const before = await ram();
    const erasesBefore = await erases();
    for (let version = 1; version <= 4; version += 1) await pushFiller(version);
    await node.request(nodeRequest('DELETE', '/atoms/filler'));
    expect(await erases()).toBeGreaterThanOrEqual(erasesBefore + 2);
    expect((await ram()).used).toBe(before.used);
    // A new instance reads its data from the flash its module refers to.
    const restart = nodeRequest('POST', '/atoms/wet-1', '{"command":"restart"}', {
      contentFormat: contentFormat.JSON,
    });
    expect(describeResponse(await node.request(restart))).toBe('2.04');
    await setChannel(node, 'rain0', 4);
    for (const name of ['wet-1', 'wet-2']) {
      await eventually(name, async () => {
        const text = describeResponse(await node.request(nodeRequest('GET', `/a/${name}/level`)));
        return text.includes('"v":4') && text;
      });
      await node.request(nodeRequest('DELETE', `/atoms/${name}`));
    }
    expect((await ram()).used).toBe(0);
  }, 120_000);

  it('eight bytes less than the need are too little to load, and to run', async () => {
    await expect(pushCopy('rain-1', { load: 8 })).rejects.toMatchObject({ code: 'START_FAILED' });
    await expect(pushCopy('rain-1', { run: 8 })).rejects.toMatchObject({ code: 'START_FAILED' });
    expect((await ram()).used).toBe(0);
    await pushCopy('rain-1');
    expect((await readDocument(node, '/atoms/rain-1')).phase).toBe('SUSPENDED');
  });
});

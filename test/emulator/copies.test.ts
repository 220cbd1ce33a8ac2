import { pushImage } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { signImage } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtAtom } from '../support/built-atoms.ts';
import { eventually } from '../support/deadline.ts';
import { describeResponse, nodeRequest, readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const names = Array.from({ length: 8 }, (_, index) => `rain-${index + 1}`);

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
    await project.openBridge();
    await project.startBoard('gauge');
    node = await project.node('gauge');
  });
  afterAll(() => project?.close());

  /** Pushes rain under another name, with what it needs said otherwise. */
  async function pushCopy(name: string, less: { load?: number; run?: number } = {}): Promise<void> {
    const built = await builtAtom('rain');
    const { load = 0, run = 0, engine = '' } = built.need ?? {};
    const need = { load: load - (less.load ?? 0), run: run - (less.run ?? 0), engine };
    await pushImage(node, signImage(project.workspace, { ...built, name, need }));
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
    const overhead = (await readDocument(node, '/node')).atomOverhead as number;
    const parts = [need?.run ?? 0, inbox.bytes, publish, body * pending].map(
      (part) => Math.ceil(part / 8) * 8,
    );
    return parts.reduce((sum, part) => sum + part, 32 * (inbox.messages + pending) + overhead);
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

  it('eight bytes less than the need are too little to load, and to run', async () => {
    await expect(pushCopy('rain-1', { load: 8 })).rejects.toMatchObject({ code: 'START_FAILED' });
    await expect(pushCopy('rain-1', { run: 8 })).rejects.toMatchObject({ code: 'START_FAILED' });
    expect((await ram()).used).toBe(0);
    await pushCopy('rain-1');
    expect((await readDocument(node, '/atoms/rain-1')).phase).toBe('SUSPENDED');
  });
});

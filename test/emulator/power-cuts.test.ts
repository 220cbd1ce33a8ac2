import { sha256 } from '@radon/bridge/crypto';
import { pushImage } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { type EmulatedBoard, type SignedImage, signImage } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtAtom } from '../support/built-atoms.ts';
import { createRandom, randomBytes, testSeed } from '../support/random.ts';
import { describeResponse, nodeRequest, readDocument } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const cuts = 24;
/** A push takes about 400 ms, a write about 5. */
const latestCutMs = { push: 800, write: 60 } as const;

describe('a board whose power is cut', () => {
  let project: TestProject;
  let board: EmulatedBoard;
  let node: NodePort;
  let random: () => number;

  beforeAll(async () => {
    random = createRandom(testSeed('power cuts'));
    project = await openTestProject();
    await project.openBridge();
    board = await project.startBoard('gauge');
    node = await project.node('gauge');
  });
  afterAll(() => project?.close());

  /** keeper with a custom section that makes its code another one. */
  async function nextVersion(): Promise<SignedImage> {
    const built = await builtAtom('keeper');
    const wasm = new Uint8Array(
      Buffer.concat([built.wasm, Buffer.of(0, 18, 1, 0x78), randomBytes(random, 16)]),
    );
    return signImage(project.workspace, { ...built, wasm, digest: sha256(wasm) });
  }

  /** Cuts the power at a random moment of `work`; resolves when the board is back. */
  async function cutDuring(latestMs: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const cut = new AbortController();
    const working = work(cut.signal).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, random() * latestMs));
    process.kill(board.pid, 'SIGKILL');
    cut.abort();
    await working;
    board = await project.powerCycle(board);
    node = await project.node('gauge');
  }

  async function write(value: string, signal?: AbortSignal): Promise<void> {
    const request = nodeRequest('PUT', '/a/keeper/kv', value, { query: ['n'] });
    const answer = describeResponse(await node.request(request, signal));
    if (answer !== '2.05 0') throw new Error(`PUT kv answered ${answer}`);
  }

  async function readBack(): Promise<string> {
    return describeResponse(await node.request(nodeRequest('GET', '/a/keeper/kv', '', { query: ['n'] })));
  }

  it(`keeps what it acknowledged, over ${cuts} cuts during pushes and writes`, {
    timeout: 120_000,
  }, async () => {
    let running = await nextVersion();
    await pushImage(node, running);
    let count = 0;
    await write(String(count));
    const outcomes = { old: 0, new: 0, pushed: 0, written: 0 };

    for (let cut = 0; cut < cuts; cut += 1) {
      let possible = [count];
      let versions = [running];
      if (cut % 2 === 0) {
        await cutDuring(latestCutMs.write, async (signal) => {
          for (;;) {
            possible = [count, count + 1];
            await write(String(count + 1), signal);
            count += 1;
            outcomes.written += 1;
          }
        });
      } else {
        const next = await nextVersion();
        versions = [running, next];
        await cutDuring(latestCutMs.push, async (signal) => {
          await pushImage(node, next, { signal });
          versions = [next];
          outcomes.pushed += 1;
        });
      }
      const state = await readDocument(node, '/atoms/keeper');
      expect(state, `after cut ${cut}`).toMatchObject({ phase: 'SUSPENDED', restarts: 0 });
      const found = versions.find(({ manifest }) => manifest.sequence === state.sequence);
      expect(found, `after cut ${cut} version ${state.sequence} runs`).toBeDefined();
      if (found !== undefined && versions.length > 1) outcomes[found === running ? 'old' : 'new'] += 1;
      running = found ?? running;

      const value = await readBack();
      expect(
        possible.map((each) => `2.05 ${each}`),
        `after cut ${cut}`,
      ).toContain(value);
      count = Number(value.slice('2.05 '.length));
    }
    console.log(`${cuts} cuts: ${JSON.stringify(outcomes)}`);
    expect(outcomes.written).toBeGreaterThan(0);
  });

  it('goes on with a transfer that was cut, from the bytes it has', async () => {
    const image = await nextVersion();
    const { digest, size } = image.manifest.payloads[0];
    const cut = new AbortController();
    const reached: number[] = [];
    const pushing = pushImage(node, image, {
      signal: cut.signal,
      onProgress({ phase, sent }) {
        if (phase !== 'code' || sent === 0) return;
        reached.push(sent);
        cut.abort();
        process.kill(board.pid, 'SIGKILL');
      },
    });
    await expect(pushing).rejects.toThrow();
    board = await project.powerCycle(board);
    node = await project.node('gauge');

    const path = `/images/${Buffer.from(digest).toString('hex')}`;
    const { have } = (await readDocument(node, path)) as { have: number };
    expect(have % 64).toBe(0);
    expect(have).toBeGreaterThanOrEqual(Math.floor((reached[0] ?? 0) / 64) * 64);
    expect(await pushImage(node, image)).toMatchObject({ sent: size - have });
    expect(await readDocument(node, '/atoms/keeper')).toMatchObject({
      phase: 'SUSPENDED',
      sequence: image.manifest.sequence,
    });
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assembleAtom, createTestSigner, type TestSigner, testImage } from '../../../test/support/atoms.ts';
import { compileBridge } from '../../../test/support/compiled.ts';
import { decodeFields, toHex } from '../fields/index.ts';
import type { Image } from '../image/index.ts';
import { decodeProblem } from '../problem/index.ts';
import type { NodePort } from '../registry/node.ts';
import { contentFormat, method } from '../tables/index.ts';
import { Catalog } from './catalog.ts';
import { openHostNode } from './host-node.ts';
import { probeAtom, probePaths } from './probe-atom.contract.ts';

let dataFolder: string;
let signer: TestSigner;
let node: NodePort;

const resources = probePaths.map((path) => ({ path, obs: path === 'shown' }));

beforeAll(compileBridge, 60_000);

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'radon-worker-'));
  signer = createTestSigner();
  node = await open();
});

afterEach(async () => {
  await node.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function open(wallFactor = 10): Promise<NodePort> {
  return await openHostNode({ id: new Uint8Array(8), keys: [signer.trusted], dataFolder, wallFactor });
}

async function push({ manifest, manifestFile, code }: Image): Promise<void> {
  const put = (path: string[], payload: Uint8Array, format: number) =>
    node.request({ method: method.PUT, path, query: [], payload, contentFormat: format });
  await put(['atoms', manifest.name], manifestFile, contentFormat.COSE_SIGN1);
  const digest = toHex(manifest.payloads[0].digest);
  const answer = await put(['images', digest], code, contentFormat.OCTET_STREAM);
  if (answer.code !== 65) throw new Error(decodeProblem(answer.payload)?.detail);
}

async function ask(name: string, word: string, body = ''): Promise<string> {
  const payload = new TextEncoder().encode(body);
  const path = ['a', name, 'do'];
  const answer = await node.request({ method: method.POST, path, query: [word], payload });
  if (answer.contentFormat !== contentFormat.PROBLEM_DETAILS) return new TextDecoder().decode(answer.payload);
  return decodeProblem(answer.payload)?.code ?? '';
}

/** Sends a message from outside; answers the code. */
async function tell(name: string, text: string): Promise<number> {
  const payload = new TextEncoder().encode(text);
  const request = { method: method.POST, path: ['m', name], query: [], payload };
  return (await node.request(request)).code;
}

async function log(): Promise<string> {
  const request = { method: method.GET, path: ['log'], query: [], payload: new Uint8Array(0) };
  return new TextDecoder().decode((await node.request(request)).payload);
}

async function state(name: string): Promise<object> {
  const answer = await node.request({
    method: method.GET,
    path: ['atoms', name],
    query: [],
    payload: new Uint8Array(0),
  });
  return decodeFields(answer.payload) as object;
}

describe('the atom worker', () => {
  it('does not start a stored module that it refuses now, and runs the others', async () => {
    await push(testImage(signer, probeAtom(), { resources }));
    await node.close();
    const { manifest, manifestFile, code } = testImage(
      signer,
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
      {
        name: 'old',
      },
    );
    const catalog = Catalog.open(dataFolder);
    catalog.keep(manifest.payloads[0].digest, code);
    catalog.put({ name: 'old', sequence: 1, active: 'a', a: manifestFile });
    catalog.close();
    node = await open();
    expect(await state('old')).toMatchObject({
      phase: 'ERROR',
      trap: { reason: 'BAD_EXPORT: memory is missing' },
    });
    expect(await state('probe')).toMatchObject({ phase: 'SUSPENDED', restarts: 0 });
  });

  it('lets the node answer while an atom computes, and shows that it runs', async () => {
    await push(testImage(signer, probeAtom(), { resources, limits: { deadlineMs: 1000 } }));
    const spinning = ask('probe', 'spin');
    await expect
      .poll(() => state('probe'))
      .toMatchObject({
        phase: 'RUNNING',
        instances: [{ phase: 'RUNNING', ageMs: expect.any(Number) }],
        inbox: { ready: 1, waiting: 0 },
      });
    const behind = ask('probe', 'echo', 'x');
    expect(await state('probe')).toMatchObject({ inbox: { ready: 1, waiting: 1 } });
    expect(await spinning).toBe('ATOM_FAILED');
    expect(await behind).toBe('NOT_RUNNING');
  }, 20_000);

  it('is ended when it is stuck: the atom that held it follows its recovery, the others are made again', async () => {
    await node.close();
    node = await open(0.1);
    const limits = { deadlineMs: 10_000 };
    await push(testImage(signer, probeAtom(), { name: 'stuck', resources, limits, recovery: 'restart' }));
    await push(testImage(signer, probeAtom(), { name: 'restarts', resources, recovery: 'restart' }));
    await push(testImage(signer, probeAtom(), { name: 'innocent', resources }));
    await ask('restarts', 'show', 'published before');
    await ask('restarts', 'keep', 'stored before');
    const failing = ask('stuck', 'spin');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const waiting = ask('restarts', 'echo', 'asked before');
    expect(await failing).toBe('ATOM_FAILED');
    expect(await waiting).toBe('asked before');
    expect(await ask('restarts', 'recall', 's')).toBe('stored before');
    const shown = await node.request({
      method: method.GET,
      path: ['a', 'restarts', 'shown'],
      query: [],
      payload: new Uint8Array(0),
    });
    expect(new TextDecoder().decode(shown.payload)).toBe('published before');
    // The request is offered twice, and holds the worker both times.
    for (const name of ['restarts', 'innocent']) {
      await expect.poll(() => state(name)).toMatchObject({ phase: 'SUSPENDED', restarts: 2 });
      expect(await state(name)).not.toHaveProperty('trap');
    }
    expect(await state('stuck')).toMatchObject({ trap: { kind: 'DEADLINE', event: 'REQUEST' } });
    expect(await ask('innocent', 'echo', 'goes on')).toBe('goes on');
    await expect.poll(() => ask('stuck', 'echo', 'well again'), { timeout: 5000 }).toBe('well again');
  }, 30_000);

  it.each([
    ['spin', 'DEADLINE'],
    ['poll', 'DEADLINE'],
    ['write', 'DEADLINE'],
    ['deep', 'STACK'],
    ['outside', 'MEMORY'],
  ])('ends the one instance that does %s, the others and the node go on', async (word, kind) => {
    const limits = { instances: 3, maxEvents: 100, deadlineMs: 50 };
    const several = { kind: 'reactive', policy: 'on-demand-expire', limits, io: ['rain0', 'led0'] } as const;
    await push(testImage(signer, probeAtom(), { resources, ...several }));
    const [failed, ...others] = await Promise.all([
      ask('probe', word),
      ask('probe', 'echo', 'one'),
      ask('probe', 'echo', 'two'),
    ]);
    expect(failed).toBe('ATOM_FAILED');
    expect(others).toEqual(['one', 'two']);
    expect(await state('probe')).toMatchObject({ trap: { kind, event: 'REQUEST' }, inbox: { dropped: 1 } });
    expect(await ask('probe', 'echo', 'three')).toBe('three');
  });

  it('keeps messages in inboxes when a stuck worker is ended', async () => {
    await node.close();
    node = await open(0.1);
    const limits = { deadlineMs: 10_000 };
    const hears = assembleAtom(`(func (export "on_message") (result i32)
      (drop (call $log (i32.const 1) (i32.const 64)
        (call $event_read (i32.const 19) (i32.const 64) (i32.const 32)))) (i32.const 0))`);
    await push(testImage(signer, probeAtom(), { name: 'stuck', resources, limits }));
    await push(testImage(signer, hears, { name: 'hears', recovery: 'restart' }));
    const several = { kind: 'reactive', policy: 'on-demand', limits: { instances: 2 } } as const;
    await push(testImage(signer, hears, { name: 'workers', recovery: 'restart', ...several }));
    const failing = ask('stuck', 'spin');
    await expect.poll(() => state('stuck')).toMatchObject({ phase: 'RUNNING' });
    expect(await tell('hears', 'for one')).toBe(68);
    expect(await tell('workers', 'for some')).toBe(68);
    expect(await tell('workers', 'for others')).toBe(68);
    expect(await state('workers')).toMatchObject({ inbox: { waiting: 2 } });
    expect(await failing).toBe('ATOM_FAILED');
    for (const line of ['hears for one', 'workers~1 for some', 'workers~2 for others']) {
      await expect.poll(log).toContain(line);
    }
    expect(await state('stuck')).toMatchObject({ phase: 'ERROR', trap: { kind: 'DEADLINE' } });
  }, 30_000);

  it('starts everything anew for an atom that escalates, but that atom after three times', async () => {
    await push(testImage(signer, probeAtom(), { name: 'vital', resources, recovery: 'escalate' }));
    await push(testImage(signer, probeAtom(), { name: 'other', resources }));
    await ask('other', 'keep', 'x stays');
    for (let time = 1; time <= 3; time += 1) {
      expect(await ask('vital', 'crash')).toBe('ATOM_FAILED');
      const phase = time < 3 ? 'SUSPENDED' : 'ERROR';
      await expect.poll(() => state('vital')).toMatchObject({ phase });
      await expect.poll(() => ask('other', 'recall', 'x')).toBe('x stays');
    }
    expect(await ask('vital', 'echo')).toBe('NOT_RUNNING');
    expect(await log()).toContain('restarts because of vital');
  }, 30_000);

  it('brings atoms back after the node was closed', async () => {
    await push(testImage(signer, probeAtom(), { resources }));
    await ask('probe', 'keep', 'x stays');
    await node.close();
    node = await open();
    expect(await ask('probe', 'recall', 'x')).toBe('x stays');
  });

  it('closes while an atom computes', async () => {
    await push(testImage(signer, probeAtom(), { resources, limits: { deadlineMs: 2000 } }));
    const spinning = ask('probe', 'spin');
    await expect.poll(() => state('probe')).toMatchObject({ phase: 'RUNNING' });
    await node.close();
    expect(['ATOM_FAILED', 'NOT_RUNNING']).toContain(await spinning);
  });

  it('holds no memory for what is done', async () => {
    const echo = assembleAtom(`(func (export "on_request") (result i32) (local $n i32)
      (local.set $n (call $event_read (i32.const 19) (i32.const 64) (i32.const 256)))
      (drop (call $reply (i32.const 0) (i32.const 69) (i32.const 0) (i32.const 64) (local.get $n))) (i32.const 0))`);
    await push(
      testImage(signer, echo, {
        name: 'echo',
        resources: [{ path: 'do' }],
        limits: { pending: 8, inbox: { messages: 32, bytes: 4096, waitMs: 5000 } },
      }),
    );
    const run = async (turns: number) => {
      for (let turn = 0; turn < turns / 10; turn += 1) {
        await Promise.all(Array.from({ length: 10 }, () => ask('echo', '', 'twenty bytes of body')));
      }
    };
    await run(5_000);
    const before = collectedHeap();
    await run(100_000);
    expect(collectedHeap() - before).toBeLessThan(2_000_000);
    expect(await state('echo')).toMatchObject({ inbox: { done: 105_000, waiting: 0 } });
  }, 120_000);
});

/** Bytes of live JavaScript objects. */
function collectedHeap(): number {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  assembleAtom,
  type ConfigurationParts,
  createTestSigner,
  type TestSigner,
  testImage,
} from '../../../test/support/atoms.ts';
import { decodeFields, toHex } from '../fields/index.ts';
import type { Image, Manifest } from '../image/index.ts';
import { decodeProblem } from '../problem/index.ts';
import type { NodePort, NodeRequest, NodeResponse } from '../registry/node.ts';
import { contentFormat, method } from '../tables/index.ts';
import { openHostNode } from './host-node.ts';
import type { HostNodeOptions } from './options.ts';
import { probeAtom, probePaths } from './probe-atom.contract.ts';

const text = (value: string) => new TextEncoder().encode(value);
const dotted = (code: number) => `${code >> 5}.${String(code & 31).padStart(2, '0')}`;

let dataFolder: string;
let signer: TestSigner;
let node: NodePort;
let sequence: number;

async function open(options: Partial<HostNodeOptions> = {}): Promise<NodePort> {
  const id = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  return await openHostNode({ id, keys: [signer.trusted], dataFolder, inProcess: true, ...options });
}

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'radon-host-'));
  signer = createTestSigner();
  sequence = 1;
  node = await open();
});

afterEach(async () => {
  await node.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function ask(path: string, parts: Partial<NodeRequest> = {}): Promise<NodeResponse> {
  const request = {
    method: method.GET,
    path: path.split('/').filter(Boolean),
    query: [],
    payload: new Uint8Array(0),
  };
  return await node.request({ ...request, ...parts });
}

/** `2.05 text` or `4.04 NO_SUCH_ATOM`. */
async function say(path: string, parts: Partial<NodeRequest> = {}): Promise<string> {
  const { code, payload, contentFormat: format } = await ask(path, parts);
  const problem = format === contentFormat.PROBLEM_DETAILS ? decodeProblem(payload)?.code : undefined;
  return `${dotted(code)} ${problem ?? new TextDecoder().decode(payload)}`.trim();
}

/** POST of a body; what the probe atom does not declare as a path goes as a query to `do`. */
function post(path: string, body = ''): Promise<string> {
  const [root, name, word = ''] = path.split('/');
  const parts = { method: method.POST, payload: text(body) };
  if (root !== 'a' || probePaths.includes(word)) return say(path, parts);
  return say(`a/${name}/do`, { ...parts, query: [word] });
}

async function document(path: string): Promise<Record<string, never>> {
  return decodeFields((await ask(path)).payload) as Record<string, never>;
}

async function lines(): Promise<string[]> {
  const log = await ask('log');
  return new TextDecoder()
    .decode(log.payload)
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\d+ /, ''));
}

type Parts = ConfigurationParts & Partial<Pick<Manifest, 'name' | 'sequence' | 'board' | 'abi'>>;

const observable = ['shown', 'value'];
const resources = probePaths.map((path) => ({ path, obs: observable.includes(path) }));

function image(parts: Parts = {}, code = probeAtom()): Image {
  sequence += 1;
  return testImage(signer, code, { sequence, resources, io: ['rain0', 'led0'], ...parts });
}

async function push({ manifest, manifestFile, code }: Image): Promise<string> {
  const first = await ask(`atoms/${manifest.name}`, {
    method: method.PUT,
    contentFormat: contentFormat.COSE_SIGN1,
    payload: manifestFile,
  });
  if (first.code >> 5 !== 2) return `${dotted(first.code)} ${decodeProblem(first.payload)?.code}`;
  const { missing } = decodeFields(first.payload) as { missing: unknown[] };
  if (missing.length === 0) return dotted(first.code);
  return await say(`images/${toHex(manifest.payloads[0].digest)}`, { method: method.PUT, payload: code });
}

describe('a push', () => {
  it('starts an atom when its payload is there, and says what is missing before', async () => {
    const { manifest, manifestFile, code } = image();
    const digest = toHex(manifest.payloads[0].digest);
    const first = await ask('atoms/probe', {
      method: method.PUT,
      contentFormat: contentFormat.COSE_SIGN1,
      payload: manifestFile,
    });
    expect(dotted(first.code)).toBe('2.01');
    expect(decodeFields(first.payload)).toEqual({
      missing: [{ digest: manifest.payloads[0].digest, size: code.length, have: 0 }],
    });
    expect(await document('atoms/probe')).toMatchObject({
      phase: 'WAITING',
      sequence,
      missing: [{ have: 0 }],
    });
    expect(await say(`images/${digest}`, { method: method.PUT, payload: code })).toBe('2.01');
    expect(await document('atoms/probe')).toMatchObject({
      phase: 'SUSPENDED',
      slot: 'a',
      instances: [{ instance: 'probe', activations: 1 }],
    });
    expect(await lines()).toEqual(['INFO probe start 1']);
  });

  it('takes pieces in order, tells where it stands, and goes on after a restart of the node', async () => {
    const { manifest, manifestFile, code } = image();
    const path = `images/${toHex(manifest.payloads[0].digest)}`;
    const piece = (offset: number, end: number) =>
      say(path, {
        method: method.PUT,
        payload: code.subarray(offset, end),
        part: { offset, more: end < code.length },
      });
    await ask('atoms/probe', {
      method: method.PUT,
      contentFormat: contentFormat.COSE_SIGN1,
      payload: manifestFile,
    });
    expect(await piece(0, 64)).toBe('2.31');
    expect(await piece(128, 192)).toBe('4.08 WRONG_OFFSET');
    expect(await piece(64, 128)).toBe('2.31');
    await node.close();
    node = await open();
    expect(await document(path)).toMatchObject({ have: 128, size: code.length });
    expect(await piece(128, code.length)).toBe('2.01');
    expect(await post('a/probe/echo', 'hello')).toBe('2.05 hello');
  });

  it('runs no code that was damaged on disk, and takes it again', async () => {
    const { manifest, manifestFile, code } = image();
    const digest = toHex(manifest.payloads[0].digest);
    const put = (path: string, payload: Uint8Array, format?: number) =>
      say(path, { method: method.PUT, payload, contentFormat: format });
    await put('atoms/probe', manifestFile, contentFormat.COSE_SIGN1);
    expect(await put(`images/${digest}`, code)).toBe('2.01');
    await node.close();
    const file = join(dataFolder, 'payloads', digest);
    const damaged = readFileSync(file);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    writeFileSync(file, damaged);
    node = await open();
    expect(await document('atoms/probe')).toMatchObject({ phase: 'WAITING', missing: [{ have: 0 }] });
    await put('atoms/probe', manifestFile, contentFormat.COSE_SIGN1);
    expect(await put(`images/${digest}`, code)).toBe('2.01');
    expect(await post('a/probe/echo', 'hello')).toBe('2.05 hello');
  });

  it('checks signature, key, rights, name, sequence, interface, board and room, in this order', async () => {
    const stranger = createTestSigner();
    const scoped = createTestSigner('other-');
    await node.close();
    node = await open({
      keys: [signer.trusted, scoped.trusted],
      budget: { ram: 30_000, flash: 12_000, atoms: 2 },
    });
    const attempt = (made: Image, name = made.manifest.name) =>
      say(`atoms/${name}`, {
        method: method.PUT,
        contentFormat: contentFormat.COSE_SIGN1,
        payload: made.manifestFile,
      });
    const code = probeAtom();
    const spoilt = image();
    spoilt.manifestFile[spoilt.manifestFile.length - 1] = (spoilt.manifestFile.at(-1) ?? 0) ^ 1;
    expect(await attempt({ ...image(), manifestFile: text('no manifest') })).toBe('4.00 BAD_MANIFEST');
    expect(await attempt(testImage(stranger, code))).toBe('4.01 UNKNOWN_KEY');
    expect(await attempt(spoilt)).toBe('4.01 BAD_SIGNATURE');
    expect(await attempt(testImage(scoped, code))).toBe('4.03 KEY_RIGHTS');
    expect(await attempt(image(), 'else')).toBe('4.00 NAME_MISMATCH');
    expect(await push(image())).toBe('2.01');
    expect(await attempt(image({ sequence: 1 }))).toBe('4.09 OLD_SEQUENCE');
    expect(await attempt(image({ abi: 99 }))).toBe('4.22 WRONG_ABI');
    expect(await attempt(image({ board: 'elsewhere' }))).toBe('4.22 WRONG_BOARD');
    expect(await attempt(image({ name: 'large', limits: { body: 8192, pending: 8 } }))).toBe(
      '4.22 DOES_NOT_FIT',
    );
    expect(await attempt(image({ name: 'full', limits: { storage: 8192 } }))).toBe('4.22 NO_ROOM_IN_FLASH');
    expect(await attempt(image({ name: 'second' }))).toMatch(/^2.01/);
    expect(await attempt(image({ name: 'third' }))).toBe('4.22 TOO_MANY_ATOMS');
    expect(await post('a/probe/echo', 'still here')).toBe('2.05 still here');
  });

  it('counts the module of a payload once, however many atoms run it', async () => {
    const ram = async () => (await document('node')).ram as unknown as { used: number };
    await push(image());
    const first = (await ram()).used;
    const { total } = (await document('atoms/probe')).memory as unknown as { total: number };
    expect(first).toBe(total + 4096);
    await push(image({ name: 'second' }));
    expect((await ram()).used).toBe(first + total);
    await say('atoms/probe', { method: method.DELETE });
    expect((await ram()).used).toBe(first);
    await node.close();
    node = await open({ budget: { ram: first + total, flash: 100_000, atoms: 4 } });
    await push(image({ name: 'third' }));
    expect(await push(image({ name: 'fourth' }))).toBe('4.22 DOES_NOT_FIT');
  });

  it('refuses bytes of another digest, unwanted ones and modules nodes do not take; the old version runs on', async () => {
    await push(image());
    const next = image({}, assembleAtom('', '(import "env" "abort" (func))'));
    const path = `images/${toHex(next.manifest.payloads[0].digest)}`;
    expect(await say(path, { method: method.PUT, payload: next.code })).toBe('4.03 NOT_WANTED');
    await ask('atoms/probe', {
      method: method.PUT,
      contentFormat: contentFormat.COSE_SIGN1,
      payload: next.manifestFile,
    });
    const wrong = next.code.slice().fill(7);
    expect(await say(path, { method: method.PUT, payload: wrong })).toBe('4.22 BAD_DIGEST');
    expect(await document(path)).toMatchObject({ have: 0 });
    expect(await say(path, { method: method.PUT, payload: next.code })).toBe('4.22 FOREIGN_IMPORT');
    expect(await post('a/probe/echo', 'old')).toBe('2.05 old');
    expect(await lines()).toEqual(['INFO probe start 1']);
  });

  it('undoes a version whose start fails, and keeps one that has no other', async () => {
    await push(image());
    const broken = probeAtom('(unreachable)', '2');
    expect(await push(image({}, broken))).toBe('5.00 START_FAILED');
    expect(await post('a/probe/echo', 'old')).toBe('2.05 old');
    expect(await document('atoms/probe')).toMatchObject({
      slot: 'a',
      phase: 'SUSPENDED',
      reason: 'undone: UNREACHABLE in START, function on_start',
    });
    expect(await lines()).toEqual([
      'INFO probe start 1',
      'INFO probe bye',
      'INFO probe start 2',
      'ERROR probe UNREACHABLE in START, function on_start',
      'INFO probe start 1',
      'WARN probe undone: UNREACHABLE in START, function on_start',
    ]);
    expect(await push(image({ name: 'alone', recovery: 'restart' }, broken))).toBe('5.00 START_FAILED');
    expect(await document('atoms/alone')).toMatchObject({
      phase: 'ERROR',
      trap: { kind: 'UNREACHABLE', event: 'START' },
    });
    expect(await post('a/alone/echo')).toBe('5.03 NOT_RUNNING');
  });

  it('keeps the sequence number of a removed atom', async () => {
    const first = image();
    await push(first);
    expect(await say('atoms/probe', { method: method.DELETE })).toBe('2.02');
    expect(await say('atoms/probe')).toBe('4.04 NO_SUCH_ATOM');
    expect(await push(first)).toBe('4.09 OLD_SEQUENCE');
    expect(await push(image())).toBe('2.01');
  });

  it('brings atoms and their pairs back when the node opens again', async () => {
    await push(image());
    await push(image({}, probeAtom('', '2')));
    expect(await post('a/probe/keep', 'kept')).toBe('2.05 A');
    await node.close();
    node = await open();
    expect(await document('atoms/probe')).toMatchObject({ slot: 'b', storage: { used: 5, total: 512 } });
    expect(await post('a/probe/recall', 'k')).toBe('2.05 kept');
    expect(await lines()).toContain('INFO probe start 2');
    expect(await say('atoms/probe', { method: method.DELETE })).toBe('2.02');
    await push(image());
    expect(await post('a/probe/recall', 'k')).toBe('2.05');
  });
});

describe('requests to an atom', () => {
  it('answers what nothing serves', async () => {
    expect(await say('a/probe/echo')).toBe('4.04 NO_SUCH_ATOM');
    await push(image());
    expect(await say('a/probe/nothing')).toBe('4.04 NOT_FOUND');
    expect(await post('atoms/probe', '')).toBe('4.00 BAD_CONTENT');
    expect(await say('atoms')).toMatch(/^2.05/);
    for (const path of ['nothing', '__proto__', 'constructor', 'toString']) {
      expect(await say(path)).toBe('4.04 NOT_FOUND');
    }
    expect(await say('node', { method: method.DELETE })).toBe('4.05 METHOD_NOT_ALLOWED');
    expect(await say('node', { accept: contentFormat.SENML_CBOR })).toBe('4.06 NOT_ACCEPTABLE');
  });

  it('bounds what goes in: body, inbox, query', async () => {
    await push(image({ limits: { body: 16, inbox: { messages: 2, bytes: 64, waitMs: 5000 } } }));
    expect(await post('a/probe/echo', 'x'.repeat(17))).toBe('4.13 TOO_LARGE');
    expect(await say('a/probe/echo', { query: ['x'.repeat(61)] })).toBe('4.13 TOO_LARGE');
    const answers = await Promise.all([
      post('a/probe/later', 'a'),
      post('a/probe/echo', 'b'),
      post('a/probe/echo'),
    ]);
    expect(answers).toEqual(['2.05 a', '2.05 b', '5.03 INBOX_FULL']);
    expect(await post('a/probe/echo', 'room')).toBe('2.05 room');
  });

  it('gives up after replyWithinMs and counts the request done', async () => {
    await push(image({ replyWithinMs: 30 }));
    expect(await post('a/probe/silent')).toBe('5.03 NO_ANSWER_FROM_ATOM');
    expect(await document('atoms/probe')).toMatchObject({
      inbox: { waiting: 0, ready: 0, done: 1, dropped: 0 },
    });
  });

  it('drops a request that is kept too long, and lets go what waited behind it', async () => {
    await push(image({ limits: { inbox: { messages: 4, bytes: 512, waitMs: 40 } } }));
    expect(await post('a/probe/later')).toBe('5.03 NO_ANSWER_FROM_ATOM');
    expect(await post('a/probe/echo', 'behind')).toBe('2.05 behind');
    await expect
      .poll(() => document('atoms/probe'))
      .toMatchObject({ inbox: { waiting: 0, done: 1, dropped: 1 } });
  });

  it('offers again what was kept, in order of its sender', async () => {
    await push(image());
    const order: string[] = [];
    await Promise.all([
      post('a/probe/later', 'first').then((answer) => order.push(answer)),
      post('a/probe/echo', 'second').then((answer) => order.push(answer)),
    ]);
    expect(order).toEqual(['2.05 first', '2.05 second']);
    expect(await document('atoms/probe')).toMatchObject({
      inbox: { done: 2, dropped: 0 },
      instances: [{ activations: 5 }],
    });
  });

  it('tells who was rejected, and runs no more than pending allows', async () => {
    await push(image({ replyWithinMs: 60, limits: { pending: 1 } }));
    expect(await post('a/probe/reject')).toBe('5.03 REJECTED');
    const [silent, next] = await Promise.all([post('a/probe/silent'), post('a/probe/echo', 'x')]);
    expect(silent).toBe('5.03 NO_ANSWER_FROM_ATOM');
    expect(['2.05 x', '5.03 NO_ANSWER_FROM_ATOM']).toContain(next);
  });

  it('answers the order of arrival', async () => {
    await push(image({ limits: { inbox: { messages: 32, bytes: 4096, waitMs: 5000 }, pending: 8 } }));
    const order: string[] = [];
    const bodies = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(bodies.map(async (body) => order.push((await post('a/probe/echo', body)).slice(5))));
    expect(order).toEqual(bodies);
  });

  it('ends an exchange when its signal says so', async () => {
    await push(image());
    const request = { method: method.POST, path: ['a', 'probe', 'do'], query: ['silent'], payload: text('') };
    await expect(node.request(request, AbortSignal.timeout(20))).rejects.toThrow('timeout');
  });
});

describe('faults of an atom', () => {
  const trapOf = async () =>
    ((await document('atoms/probe')) as { trap?: { kind: string; function?: string } }).trap;

  it.each([
    ['spin', 'DEADLINE'],
    ['deep', 'STACK'],
    ['outside', 'MEMORY'],
    ['divide', 'ARITHMETIC'],
    ['crash', 'UNREACHABLE'],
    ['beyond', 'TABLE'],
    ['empty', 'CALL'],
    ['mistyped', 'CALL'],
  ])('ends %s as %s, alone', async (path, kind) => {
    await push(image({ limits: { deadlineMs: 20 } }));
    await push(image({ name: 'neighbour' }));
    expect(await post(`a/probe/${path}`)).toBe('5.00 ATOM_FAILED');
    expect(await document('atoms/probe')).toMatchObject({
      phase: 'ERROR',
      trap: { kind, event: 'REQUEST', offset: expect.any(Number) },
      inbox: { dropped: 1 },
    });
    expect(await post('a/probe/echo')).toBe('5.03 NOT_RUNNING');
    expect(await post('a/neighbour/echo', 'well')).toBe('2.05 well');
  });

  it('takes the last byte of the memory, and no byte behind', async () => {
    await push(image());
    expect(await post('a/probe/edge', 'in')).toBe('2.05 in');
    expect(await trapOf()).toBeUndefined();
  });

  it('ends time spent in runtime functions by the clock', async () => {
    await node.close();
    node = await open({ wallFactor: 2 });
    await push(image({ limits: { deadlineMs: 20 } }));
    expect(await post('a/probe/entropy')).toBe('5.00 ATOM_FAILED');
    expect(await trapOf()).toMatchObject({ kind: 'DEADLINE' });
  });

  it('restarts, offers the event again once, and backs off', async () => {
    await push(image({ recovery: 'restart' }));
    expect(await post('a/probe/crash')).toBe('5.00 ATOM_FAILED');
    const state = await document('atoms/probe');
    expect(state).toMatchObject({ phase: 'ERROR', restarts: 1, inbox: { dropped: 1 } });
    expect(await post('a/probe/echo', 'again')).toBe('2.05 again');
    expect(await document('atoms/probe')).toMatchObject({ phase: 'SUSPENDED', restarts: 2 });
  });

  it('does not offer again what was answered before the fault', async () => {
    await push(image({ recovery: 'restart' }));
    expect(await post('a/probe/answered', 'yes')).toBe('2.05 yes');
    expect(await post('a/probe/echo', 'on')).toBe('2.05 on');
    expect(await document('atoms/probe')).toMatchObject({ restarts: 1, inbox: { done: 2, dropped: 0 } });
  });

  it('stops restarting at the sixth failure within a minute', async () => {
    const fails = assembleAtom('(func (export "on_request") (result i32) (unreachable))');
    await push(
      image(
        {
          recovery: 'restart',
          replyWithinMs: 20_000,
          limits: { inbox: { messages: 4, bytes: 512, waitMs: 20_000 } },
        },
        fails,
      ),
    );
    const requests = ['echo', 'silent', 'spin', 'later'].map((path) => post(`a/probe/${path}`));
    expect(await Promise.all(requests)).toEqual([
      '5.00 ATOM_FAILED',
      '5.00 ATOM_FAILED',
      '5.00 ATOM_FAILED',
      '5.03 NOT_RUNNING',
    ]);
    expect(await document('atoms/probe')).toMatchObject({
      phase: 'ERROR',
      restarts: 5,
      inbox: { dropped: 4 },
    });
  }, 20_000);
});

describe('life of an atom', () => {
  const command = (name: string) =>
    say('atoms/probe', {
      method: method.POST,
      contentFormat: contentFormat.JSON,
      payload: text(`{"command":"${name}"}`),
    });

  it('stops, starts and restarts by command', async () => {
    await push(image());
    expect(await command('stop')).toBe('2.04');
    expect(await document('atoms/probe')).toMatchObject({ phase: 'STOPPED', memory: { total: 0, used: 0 } });
    expect(await post('a/probe/echo')).toBe('5.03 NOT_RUNNING');
    expect(await command('start')).toBe('2.04');
    expect(await command('restart')).toBe('2.04');
    expect(await command('dance')).toBe('4.00 BAD_CONTENT');
    expect(await lines()).toEqual([
      'INFO probe start 1',
      'INFO probe bye',
      'INFO probe start 1',
      'INFO probe bye',
      'INFO probe start 1',
    ]);
  });

  it('ends by exit; a daemon stays ended, a reactive atom waits for its next event', async () => {
    await push(image());
    expect(await post('a/probe/exit', 'done')).toBe('2.05 done');
    expect(await document('atoms/probe')).toMatchObject({ phase: 'TERMINATED', exitCode: 7 });
    expect(await post('a/probe/echo')).toBe('5.03 NOT_RUNNING');
    await push(image({ kind: 'reactive', policy: 'one' }));
    expect(await document('atoms/probe')).toMatchObject({ phase: 'IDLE' });
    expect(await lines()).not.toContain('INFO probe start 2');
    expect(await post('a/probe/exit', 'once')).toBe('2.05 once');
    expect(await document('atoms/probe')).toMatchObject({ phase: 'IDLE', exitCode: 7 });
    expect(await post('a/probe/echo', 'anew')).toBe('2.05 anew');
  });

  it('runs timers and readings as events', async () => {
    await push(image());
    await post('a/probe/timer');
    await expect.poll(lines).toContain('INFO probe tick');
    await post('a/probe/watch');
    expect(await say('io/rain0', { method: method.PUT, payload: text('4.5') })).toBe('2.04');
    expect(await say('io/rain0', { accept: contentFormat.TEXT })).toBe('2.05 4.5');
    expect(await post('a/probe/value')).toBe('2.05 4');
    for (const wet of ['wet', '+1', '1.', ' 1', '1e999']) {
      const { payload } = await ask('io/rain0', { method: method.PUT, payload: text(wet) });
      expect(decodeProblem(payload)?.details).toEqual({ detail: 'a finite number is wanted' });
    }
    expect(await say('io/snow0')).toBe('4.04 NOT_A_CHANNEL');
    await post('a/probe/light');
    expect(await document('io')).toMatchObject([
      { name: 'rain0', value: 4.5 },
      {},
      {},
      { name: 'led0', direction: 'out', value: 1 },
    ]);
  });

  it('gives every watching atom each reading', async () => {
    await push(image());
    await post('a/probe/watch');
    await Promise.all(
      Array.from({ length: 50 }, (_, value) =>
        say('io/rain0', { method: method.PUT, payload: text(String(value)) }),
      ),
    );
    await expect
      .poll(async () => (await lines()).filter((line) => line === 'INFO probe read').length)
      .toBe(50);
    expect(await document('atoms/probe')).toMatchObject({ inbox: { done: 51 } });
  });
});

describe('observing', () => {
  interface Seen {
    readonly events: string[];
    close(): void;
  }

  function watch(path: string, parts: Partial<NodeRequest> = {}): Seen {
    const events: string[] = [];
    const show = ({ code, payload }: NodeResponse) =>
      `${dotted(code)} ${new TextDecoder().decode(payload)}`.trim();
    const request = {
      method: method.GET,
      path: path.split('/'),
      query: [],
      payload: new Uint8Array(0),
      ...parts,
    };
    const observation = node.observe(request, {
      next: (response) => events.push(show(response)),
      lost: () => events.push('lost'),
      back: () => events.push('back'),
      end: (response) => events.push(`end ${dotted(response.code)}`),
    });
    return { events, close: () => observation.close() };
  }

  it('tells what is published, once per activation', async () => {
    await push(image());
    await post('a/probe/show', 'one');
    expect(await say('a/probe/shown')).toBe('2.05 one');
    const seen = watch('a/probe/shown');
    await expect.poll(() => seen.events).toEqual(['2.05 one']);
    await post('a/probe/show', 'two');
    await expect.poll(() => seen.events).toEqual(['2.05 one', '2.05 two']);
    expect(await say('a/probe/shown', { accept: contentFormat.CBOR })).toBe('4.06 NOT_ACCEPTABLE');
    seen.close();
    await post('a/probe/show', 'three');
    expect(seen.events).toHaveLength(2);
  });

  it('tells of each publication, also of the same again', async () => {
    await push(image());
    await post('a/probe/show', 'one');
    const seen = watch('a/probe/shown');
    await expect.poll(() => seen.events).toEqual(['2.05 one']);
    await post('a/probe/show', 'one');
    await expect.poll(() => seen.events).toEqual(['2.05 one', '2.05 one']);
  });

  it('answers 2.03 to who holds the representation', async () => {
    await push(image());
    await post('a/probe/show', 'one');
    const { etag = new Uint8Array(0) } = await ask('a/probe/shown');
    expect(await say('a/probe/shown', { etags: [etag] })).toBe('2.03');
    await post('a/probe/show', 'two');
    expect(await say('a/probe/shown', { etags: [etag] })).toBe('2.05 two');
  });

  it('asks the atom again when it notifies', async () => {
    await push(image());
    const seen = watch('a/probe/value');
    await expect.poll(() => seen.events).toEqual(['2.05 0']);
    await post('a/probe/notify');
    await expect.poll(() => seen.events).toEqual(['2.05 0', '2.05 1']);
  });

  it('goes on over a restart and an update, ends with a stop', async () => {
    const publish =
      '(drop (call $publish (i32.const 16) (i32.const 5) (i32.const 0) (i32.const 8) (i32.const 7) (i32.const 0)))';
    await push(image({ recovery: 'restart' }, probeAtom(publish)));
    const seen = watch('a/probe/shown');
    await expect.poll(() => seen.events).toEqual(['2.05 start 1']);
    await post('a/probe/show', 'one');
    await post('a/probe/answered');
    await expect.poll(() => seen.events).toEqual(['2.05 start 1', '2.05 one', '2.05 start 1']);
    await push(image({}, probeAtom(publish, '2')));
    await expect.poll(() => seen.events.at(-1)).toBe('2.05 start 2');
    await say('atoms/probe', { method: method.DELETE });
    await expect.poll(() => seen.events.at(-1)).toBe('end 5.03');
  });

  it('ends at once where nothing can be observed', async () => {
    await push(image());
    const [plain, missing] = [watch('a/probe/echo'), watch('a/other/value')];
    await expect.poll(() => [plain.events, missing.events]).toEqual([['end 2.05'], ['end 4.04']]);
  });

  it('shows changes of the node itself', async () => {
    const atoms = watch('atoms', { accept: contentFormat.JSON });
    const log = watch('log');
    const rain = watch('io/rain0', { accept: contentFormat.TEXT });
    await push(image());
    await say('io/rain0', { method: method.PUT, payload: text('3') });
    await expect.poll(() => atoms.events.at(-1)).toContain('"phase":"SUSPENDED"');
    await expect.poll(() => log.events.join('')).toContain('INFO probe start 1');
    await expect.poll(() => rain.events).toEqual(['2.05 0', '2.05 3']);
  });
});

describe('the node', () => {
  it('has its data folder to itself', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'FOLDER_IN_USE', details: { name: dataFolder } });
    await node.close();
    node = await open();
    expect(await say('atoms')).toMatch(/^2.05/);
  });

  it('shows what it is, in three representations', async () => {
    expect(await document('node')).toMatchObject({
      id: '0102030405060708',
      name: 'bridge',
      board: 'host',
      safeMode: false,
      ram: { used: 0 },
    });
    expect(await say('node', { accept: contentFormat.JSON })).toMatch(/^2.05 \{"id":"0102030405060708"/);
    expect(await say('node', { accept: contentFormat.TEXT })).toMatch(/\n {2}"name": "bridge",\n/);
  });

  it('lists what there is, with filters', async () => {
    await push(image());
    expect(await say('.well-known/core', { query: ['rt=radon.atom'] })).toBe(
      '2.05 </atoms/probe>;rt="radon.atom";ct="60 50 0";obs',
    );
    expect(await say('.well-known/core', { query: ['href=/a/probe/shown'] })).toBe(
      '2.05 </a/probe/shown>;obs',
    );
  });

  it('takes the time', async () => {
    expect(await say('time', { method: method.PUT, payload: text('1000000000000') })).toBe('2.04');
    expect(Number((await say('time')).slice(5))).toBeGreaterThanOrEqual(1_000_000_000_000);
    expect(Number((await say('time')).slice(5))).toBeLessThan(1_000_000_060_000);
    expect(await say('time', { method: method.PUT, payload: text('noon') })).toBe('4.00 BAD_CONTENT');
  });

  it('restarts its atoms by command', async () => {
    await push(image());
    const payload = text('{"command":"restart"}');
    expect(await say('node', { method: method.POST, contentFormat: contentFormat.JSON, payload })).toBe(
      '2.04',
    );
    expect(await lines()).toEqual(['INFO probe start 1', 'INFO probe bye', 'INFO probe start 1']);
  });

  it('carries many atoms', async () => {
    const code = probeAtom();
    for (let number = 0; number < 60; number += 1) {
      expect(await push(testImage(signer, code, { name: `atom-${number}`, resources }))).toBe('2.01');
    }
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, number) => post(`a/atom-${number}/echo`, `${number}`)),
    );
    expect(answers).toEqual(Array.from({ length: 60 }, (_, number) => `2.05 ${number}`));
  });

  it('answers nothing after it was closed', async () => {
    await node.close();
    await expect(ask('node')).rejects.toThrow('bridge does not answer');
  });
});

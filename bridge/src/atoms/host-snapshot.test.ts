import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assembleAtom, createTestSigner, testImage } from '../../../test/support/atoms.ts';
import { decodeFields, encodeFields, toHex } from '../fields/index.ts';
import { decodeProblem } from '../problem/index.ts';
import type { NodePort, NodeRequest, NodeResponse } from '../registry/node.ts';
import { encodeSnapshot, type Snapshot } from '../snapshot/index.ts';
import { abiError, contentFormat, method } from '../tables/index.ts';
import { openHostNode } from './host-node.ts';

/**
 * Counts messages in memory and in a global, keeps the count as the value of "k", publishes it as
 * "n". A message "t" sets timer 0 to 400 ms; it counts, too. A message "l" is answered with LATER until the next
 * message. A request is answered by the next message.
 */
const code = assembleAtom(
  `(global $open (export "radon:g0") (mut i32) (i32.const 0))
  (global $count (export "radon:g1") (mut i64) (i64.const 0))
  (data (i32.const 16) "n") (data (i32.const 17) "k")
  (func $show
    (i32.store8 (i32.const 100) (i32.add (i32.const 48) (i32.load (i32.const 900))))
    (i32.store8 (i32.const 101) (i32.add (i32.const 48) (i32.wrap_i64 (global.get $count))))
    (drop (call $kv_set (i32.const 17) (i32.const 1) (i32.const 100) (i32.const 2)))
    (drop (call $publish (i32.const 16) (i32.const 1) (i32.const 0) (i32.const 100) (i32.const 2) (i32.const 0))))
  (func $add
    (i32.store (i32.const 900) (i32.add (i32.load (i32.const 900)) (i32.const 1)))
    (global.set $count (i64.add (global.get $count) (i64.const 1))) (call $show))
  (func (export "on_start") (call $show))
  (func (export "on_stop") (drop (call $log (i32.const 1) (i32.const 16) (i32.const 1))))
  (func (export "on_timer") (result i32) (call $add) (i32.const 0))
  (func (export "on_message") (result i32)
    (drop (call $event_read (i32.const 19) (i32.const 64) (i32.const 8)))
    (if (i32.eq (i32.load8_u (i32.const 64)) (i32.const 116))
      (then (drop (call $timer_set (i32.const 0) (i32.const 400) (i32.const 0)))))
    (if (i32.eq (i32.load8_u (i32.const 64)) (i32.const 108)) (then (return (i32.const 1))))
    (if (global.get $open) (then
      (drop (call $reply (global.get $open) (i32.const 69) (i32.const 0) (i32.const 100) (i32.const 2)))
      (global.set $open (i32.const 0))))
    (call $add) (i32.const 0))
  (func (export "on_request") (result i32)
    (global.set $open (call $event_get (i32.const 1))) (i32.const 0))`,
);

const folders: string[] = [];
const nodes: NodePort[] = [];
const signer = createTestSigner();
let node: NodePort;

async function open(name: string): Promise<NodePort> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'radon-snapshot-'));
  folders.push(dataFolder);
  const id = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const opened = await openHostNode({ id, name, keys: [signer.trusted], dataFolder, inProcess: true });
  nodes.push(opened);
  const resources = ['n', 'hold'].map((path) => ({ path }));
  const { manifest, manifestFile, code: wasm } = testImage(signer, code, { resources });
  const file = { method: method.PUT, contentFormat: contentFormat.COSE_SIGN1, payload: manifestFile };
  await ask(opened, 'atoms/probe', file);
  await ask(opened, `images/${toHex(manifest.payloads[0].digest)}`, { method: method.PUT, payload: wasm });
  return opened;
}

beforeEach(async () => {
  node = await open('n1');
});

afterEach(async () => {
  for (const opened of nodes.splice(0)) await opened.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function ask(to: NodePort, path: string, parts: Partial<NodeRequest> = {}): Promise<NodeResponse> {
  const request = { method: method.GET, path: path.split('/'), query: [], payload: new Uint8Array(0) };
  return await to.request({ ...request, ...parts });
}

/** `2.05 text` or `4.04 NO_SUCH_ATOM`. */
async function say(to: NodePort, path: string, parts: Partial<NodeRequest> = {}): Promise<string> {
  const { code: answer, payload, contentFormat: format } = await ask(to, path, parts);
  const problem = format === contentFormat.PROBLEM_DETAILS ? decodeProblem(payload)?.code : undefined;
  const text = `${answer >> 5}.${String(answer & 31).padStart(2, '0')}`;
  return `${text} ${problem ?? new TextDecoder().decode(payload)}`.trim();
}

function command(to: NodePort, word: string): Promise<string> {
  return say(to, 'atoms/probe', { method: method.POST, payload: encodeFields({ command: word }) });
}

function send(to: NodePort, text: string): Promise<string> {
  return say(to, 'm/probe', { method: method.POST, payload: new TextEncoder().encode(text) });
}

async function take(from: NodePort): Promise<Uint8Array> {
  return new Uint8Array((await ask(from, 'atoms/probe/snapshot')).payload);
}

function put(to: NodePort, payload: Uint8Array): Promise<string> {
  const parts = { method: method.PUT, contentFormat: contentFormat.CBOR, payload };
  return say(to, 'atoms/probe/snapshot', parts);
}

async function document(to: NodePort): Promise<Record<string, never>> {
  return decodeFields((await ask(to, 'atoms/probe')).payload) as Record<string, never>;
}

/** Waits until "n" is published as this. */
async function shows(to: NodePort, text: string): Promise<void> {
  await expect.poll(() => say(to, 'a/probe/n'), { timeout: 3000 }).toBe(`2.05 ${text}`);
}

describe('a frozen atom', () => {
  it('does nothing, with its inbox open, until it is thawed', async () => {
    await send(node, 'a');
    await shows(node, '11');
    expect(await command(node, 'freeze')).toBe('2.04');
    expect(await document(node)).toMatchObject({ phase: 'FROZEN' });
    expect(await send(node, 'b')).toBe('2.04');
    expect(await document(node)).toMatchObject({ inbox: { waiting: 1, done: 1 } });
    expect(await say(node, 'a/probe/n')).toBe('2.05 11');
    expect(await command(node, 'thaw')).toBe('2.04');
    await shows(node, '22');
  });

  it('is one that was SUSPENDED, and is thawed once', async () => {
    expect(await command(node, 'thaw')).toBe('4.09 WRONG_PHASE');
    expect(await say(node, 'atoms/probe/snapshot')).toBe('4.09 WRONG_PHASE');
    expect(await command(node, 'freeze')).toBe('2.04');
    expect(await command(node, 'freeze')).toBe('4.09 WRONG_PHASE');
    expect(await command(node, 'stop')).toBe('2.04');
    expect(await command(node, 'freeze')).toBe('4.09 WRONG_PHASE');
    expect(await say(node, 'log')).not.toContain('probe n');
  });
});

describe('a snapshot', () => {
  it('goes on in another node: memory, globals, storage, publications, messages, timers', async () => {
    const other = await open('n2');
    await send(node, 't');
    await shows(node, '11');
    await command(node, 'freeze');
    await send(node, 'a');
    await send(node, 'b');
    const bytes = await take(node);
    expect(decodeFields(bytes)).toMatchObject({
      inbox: [{ kind: 2 }, { kind: 2 }],
      timers: [{ handle: 0, periodMs: 0 }],
      incarnation: 0,
      counters: { done: 1, activations: 2 },
    });
    expect(await put(other, bytes)).toBe('2.04');
    expect(await document(other)).toMatchObject({ phase: 'FROZEN', inbox: { waiting: 2, done: 1 } });
    expect(await say(other, 'a/probe/n')).toBe('2.05 11');
    await command(node, 'stop');
    await command(other, 'thaw');
    await shows(other, '44');
    expect(await document(other)).toMatchObject({ inbox: { waiting: 0, done: 4, dropped: 0 } });
    expect(decodeFields(await freezeAndTake(other))).toMatchObject({
      incarnation: 1,
      storage: [{ key: Uint8Array.of(107), value: new TextEncoder().encode('44') }],
    });
  });

  async function freezeAndTake(from: NodePort): Promise<Uint8Array> {
    await command(from, 'freeze');
    return await take(from);
  }

  it('keeps what was answered with LATER, and its event id', async () => {
    const other = await open('n2');
    await send(node, 'l');
    await expect.poll(async () => (await document(node)).instances).toMatchObject([{ activations: 2 }]);
    const bytes = await freezeAndTake(node);
    const { inbox } = decodeFields(bytes) as unknown as Snapshot;
    expect(inbox).toMatchObject([{ kind: 2, event: 2, flags: 3 }]);
    await put(other, bytes);
    expect((decodeFields(await take(other)) as unknown as Snapshot).inbox).toMatchObject([
      { kind: 2, event: 2, flags: 3 },
    ]);
  });

  it('put back where it was taken of leaves open requests as they are', async () => {
    const answer = say(node, 'a/probe/hold');
    await expect.poll(async () => (await document(node)).inbox).toMatchObject({ done: 1 });
    const bytes = await freezeAndTake(node);
    await send(node, 'a');
    expect(await put(node, bytes)).toBe('2.04');
    await command(node, 'thaw');
    expect(await answer).toBe('2.05 00');
    await shows(node, '11');
  });

  it('of another moment replaces what runs, whose requests are refused', async () => {
    const bytes = await freezeAndTake(node);
    await command(node, 'thaw');
    await send(node, 'a');
    await shows(node, '11');
    const answer = say(node, 'a/probe/hold');
    await expect.poll(async () => (await document(node)).inbox).toMatchObject({ done: 2 });
    expect(await put(node, bytes)).toBe('2.04');
    expect(await answer).toBe('5.03 NOT_RUNNING');
    expect(await say(node, 'a/probe/n')).toBe('2.05 00');
    expect(await say(node, 'log')).not.toContain('probe n');
    await command(node, 'thaw');
    await send(node, 'a');
    await shows(node, '11');
  });

  it('starts an atom that was stopped', async () => {
    await send(node, 'a');
    await shows(node, '11');
    const bytes = await freezeAndTake(node);
    await command(node, 'stop');
    expect(await put(node, bytes)).toBe('2.04');
    await command(node, 'thaw');
    await send(node, 'a');
    await shows(node, '22');
  });

  it('asks again what changes nothing, and gives up other requests', async () => {
    const snapshot = decodeFields(await freezeAndTake(node)) as unknown as Snapshot;
    const own = (id: number, code: number) => ({ id, method: code, hops: 8, uri: '/a/probe/n' });
    const requests = [own(4, method.GET), own(5, method.POST)];
    expect(await put(node, encodeSnapshot({ ...snapshot, requests, nextMessage: 6, actor: 1 }))).toBe('2.04');
    const waiting = async () => (decodeFields(await take(node)) as unknown as Snapshot).inbox;
    await expect.poll(waiting).toHaveLength(2);
    const [first, second] = [...(await waiting())].sort(
      (a, b) => (a.correlation ?? 0) - (b.correlation ?? 0),
    );
    expect(first).toMatchObject({
      kind: 4,
      correlation: 4,
      code: 69,
      payload: new TextEncoder().encode('00'),
    });
    expect(second).toEqual({ kind: 4, correlation: 5, reason: abiError.E_TIMEOUT });
  });

  it('of an atom whose name is an alias in it is refused', async () => {
    const snapshot = decodeFields(await freezeAndTake(node)) as unknown as Snapshot;
    expect(await put(node, encodeSnapshot({ ...snapshot, aliases: ['probe'] }))).toBe('4.22 BAD_SNAPSHOT');
  });

  it('that does not fit is refused, and nothing has changed', async () => {
    await send(node, 'a');
    await shows(node, '11');
    const snapshot = decodeFields(await freezeAndTake(node)) as unknown as Snapshot;
    await command(node, 'thaw');
    expect(await put(node, encodeSnapshot({ ...snapshot, globals: [] }))).toBe('4.22 BAD_SNAPSHOT');
    expect(await put(node, Uint8Array.of(1, 2))).toBe('4.22 BAD_SNAPSHOT');
    await send(node, 'b');
    await shows(node, '22');
  });
});

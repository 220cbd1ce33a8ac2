import { mkdtempSync, rmSync } from 'node:fs';
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
import { decodeFields, encodeFields, toHex } from '../fields/index.ts';
import { decodeEnvelope, encodeEnvelope } from '../message/index.ts';
import { decodeProblem } from '../problem/index.ts';
import type { NodePort, NodeRequest, UpstreamRequest } from '../registry/node.ts';
import { abiError, contentFormat, method } from '../tables/index.ts';
import { openHostNode } from './host-node.ts';

const text = (value: string) => new TextEncoder().encode(value);
const noBytes = new Uint8Array(0);

let dataFolder: string;
let signer: TestSigner;
let node: NodePort;
let upstreamHeard: UpstreamRequest[];

/** Logs messages; a request sends its body to the atom or alias that its query names. */
const courier = assembleAtom(`
  (func (export "on_message") (result i32)
    (drop (call $log (i32.const 1) (i32.const 64)
      (call $event_read (i32.const 19) (i32.const 64) (i32.const 64)))) (i32.const 0))
  (func (export "on_request") (result i32) (local $to i32)
    (local.set $to (call $event_read (i32.const 18) (i32.const 256) (i32.const 64)))
    (i32.store8 (i32.const 128) (i32.add (i32.const 65) (i32.sub (i32.const 0)
      (call $send (i32.const 256) (local.get $to) (i32.const 64)
        (call $event_read (i32.const 19) (i32.const 64) (i32.const 64)) (i32.const 0)))))
    (drop (call $reply (i32.const 0) (i32.const 69) (i32.const 0) (i32.const 128) (i32.const 1)))
    (i32.const 0))`);

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'radon-messages-'));
  signer = createTestSigner();
  upstreamHeard = [];
  const upstream = {
    request: async (request: UpstreamRequest) => {
      upstreamHeard.push(request);
      return { code: 68, payload: noBytes };
    },
    observe: () => ({ close: () => undefined }),
  };
  const id = new Uint8Array(8);
  node = await openHostNode({ id, keys: [signer.trusted], dataFolder, inProcess: true, upstream });
});

afterEach(async () => {
  await node.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function push(name: string, parts: ConfigurationParts = {}): Promise<void> {
  const { manifest, manifestFile, code } = testImage(signer, courier, {
    name,
    send: ['.*'],
    resources: [{ path: 'do' }],
    ...parts,
  });
  const put = (path: string[], payload: Uint8Array, format: number) =>
    node.request({ method: method.PUT, path, query: [], payload, contentFormat: format });
  await put(['atoms', name], manifestFile, contentFormat.COSE_SIGN1);
  await put(['images', toHex(manifest.payloads[0].digest)], code, contentFormat.OCTET_STREAM);
}

async function ask(path: string, parts: Partial<NodeRequest> = {}) {
  const request = { method: method.GET, path: path.split('/'), query: [], payload: noBytes };
  return await node.request({ ...request, ...parts });
}

/** `2.04`, or the name of the error. */
async function post(path: string, payload: Uint8Array, format?: number): Promise<string> {
  const answer = await ask(path, { method: method.POST, payload, contentFormat: format });
  if (answer.contentFormat === contentFormat.PROBLEM_DETAILS)
    return decodeProblem(answer.payload)?.code ?? '';
  return `${answer.code >> 5}.0${answer.code & 31}`;
}

/** What `send` returned, negated: A for 0, B for -1; below A for an id. */
async function send(from: string, to: string, body: string): Promise<string> {
  const parts = { method: method.POST, query: [to], payload: text(body) };
  return new TextDecoder().decode((await ask(`a/${from}/do`, parts)).payload);
}

const document = async (path: string) => decodeFields((await ask(path)).payload) as Record<string, unknown>;
const log = async () => new TextDecoder().decode((await ask('log')).payload);

function envelope(seq: number, payload = 'hello', flags = 0) {
  const head = { from: 'n2/far', incarnation: 5, seq, id: seq, hops: 3, payload: text(payload) };
  return encodeEnvelope(flags === 0 ? head : { ...head, flags });
}

describe('messages of the host node', () => {
  it('stay on the node when the receiver is here: no datagram, counted', async () => {
    await push('a');
    await push('b');
    expect(await send('a', 'b', 'hi b')).toBe('@');
    await expect.poll(log).toContain('INFO b hi b');
    expect(upstreamHeard).toEqual([]);
    expect((await document('node')).counters).toMatchObject({ localMessages: 1, remoteMessages: 0 });
    expect(await document('atoms/a')).toMatchObject({ sent: 1, undelivered: 0, refused: 0 });
  });

  it('go to the bridge when it is elsewhere, under the name of this node', async () => {
    await push('a');
    await send('a', 'n2/far', 'hi far');
    await expect.poll(() => upstreamHeard.length).toBe(1);
    expect(upstreamHeard[0]?.path).toEqual(['m', 'n2', 'far']);
    expect(decodeEnvelope(upstreamHeard[0]?.payload ?? noBytes)).toMatchObject({
      from: 'bridge/a',
      seq: 1,
      hops: 4,
    });
  });

  it('of another node are taken once', async () => {
    await push('a');
    expect(await post('m/a', envelope(1, 'first'), contentFormat.RADON_MESSAGE)).toBe('2.04');
    expect(await post('m/a', envelope(1, 'first'), contentFormat.RADON_MESSAGE)).toBe('2.04');
    await expect.poll(log).toContain('INFO a first');
    expect(await document('atoms/a')).toMatchObject({ inbox: { done: 1 } });
    expect((await document('node')).counters).toMatchObject({ repeatedMessages: 1 });
  });

  it('that were refused may come again', async () => {
    await push('a', { limits: { inbox: { messages: 4, bytes: 64, waitMs: 5000 } } });
    expect(await post('m/none', envelope(1), contentFormat.RADON_MESSAGE)).toBe('NO_SUCH_ATOM');
    expect(await post('m/a', envelope(1), contentFormat.RADON_MESSAGE)).toBe('2.04');
    expect(await post('m/a', text('x'.repeat(65)))).toBe('TOO_LARGE');
    expect(await post('m/a', text('x'.repeat(513)))).toBe('TOO_LARGE');
    expect(await post('m/a~1', text('x'))).toBe('NO_SUCH_ATOM');
    expect(await post('m/A', text('x'))).toBe('NO_SUCH_ATOM');
    expect(await post('m/a', text('no map'), contentFormat.RADON_MESSAGE)).toBe('BAD_CONTENT');
  });

  it('to an alias are in the inbox when one member took them; the others are reported', async () => {
    await push('big', { aliases: ['crew'] });
    await push('small', { aliases: ['crew'], limits: { inbox: { messages: 1, bytes: 64, waitMs: 5000 } } });
    expect(await document('names')).toEqual({ names: ['big', 'small'], aliases: ['crew'] });
    const long = 'x'.repeat(64);
    expect(await post('m/crew', envelope(1, long), contentFormat.RADON_MESSAGE)).toBe('2.04');
    await expect.poll(() => upstreamHeard.length).toBe(1);
    expect(upstreamHeard[0]?.path).toEqual(['m', 'n2', 'far']);
    expect(decodeEnvelope(upstreamHeard[0]?.payload ?? noBytes)).toMatchObject({
      from: 'bridge/small',
      correlation: 1,
      outcome: -6,
    });
  });

  it('are held back by patterns, form and the outbox', async () => {
    await push('a', { send: ['b|n2/.*'] });
    expect(await send('a', 'c', '')).toBe('D');
    expect(await send('a', 'no name', '')).toBe('B');
    expect(await document('atoms/a')).toMatchObject({ sent: 0, refused: 1 });
  });

  it('that come while an atom is stopped are reported, not lost', async () => {
    await push('b');
    const stop = encodeFields({ command: 'stop' });
    const stopped = post('atoms/b', stop, contentFormat.CBOR);
    await new Promise(process.nextTick); // on its way to the activation level
    expect(await post('m/b', envelope(1), contentFormat.RADON_MESSAGE)).toBe('2.04');
    expect(await stopped).toBe('2.04');
    await expect.poll(() => upstreamHeard.length).toBe(1);
    expect(upstreamHeard[0]?.path).toEqual(['m', 'n2', 'far']);
    expect(decodeEnvelope(upstreamHeard[0]?.payload ?? noBytes)).toMatchObject({
      from: 'bridge/b',
      correlation: 1,
      outcome: abiError.E_STATE,
    });
    expect(await document('atoms/b')).toMatchObject({ inbox: { waiting: 0, dropped: 1 } });
  });

  it('have ids that go on over a restart, so that what is told late is for nobody', async () => {
    await push('a');
    const told = (id: number, seq: number) =>
      encodeEnvelope({ from: 'n2/far', incarnation: 5, seq, hops: 3, correlation: id, outcome: -3 });
    expect(await send('a', 'n2/far', 'one')).toBe('@');
    await post('atoms/a', encodeFields({ command: 'restart' }), contentFormat.CBOR);
    await post('m/a', told(1, 1), contentFormat.RADON_MESSAGE);
    expect(await send('a', 'n2/far', 'two')).toBe('?');
    expect(await document('atoms/a')).toMatchObject({ undelivered: 0 });
    await post('m/a', told(2, 2), contentFormat.RADON_MESSAGE);
    await expect.poll(() => document('atoms/a')).toMatchObject({ undelivered: 1 });
  });
});

describe('instances of a reactive atom', () => {
  it('are numbered, shown in order and share the load', async () => {
    await push('many', { kind: 'reactive', policy: 'round-robin', limits: { instances: 2 } });
    expect(await document('atoms/many')).toMatchObject({ phase: 'IDLE', policy: 'round-robin' });
    for (const word of ['one', 'two', 'three']) expect(await post('m/many', text(word))).toBe('2.04');
    await expect.poll(log).toContain('many~1 three');
    expect(await log()).toContain('many~2 two');
    expect(await document('atoms/many')).toMatchObject({
      phase: 'SUSPENDED',
      instances: [
        { instance: 'many~1', activations: 3 },
        { instance: 'many~2', activations: 2 },
      ],
    });
    expect(await post('m/many~2', text('for two'))).toBe('2.04');
    expect(await post('m/many~3', text('for nobody'))).toBe('NO_SUCH_ATOM');
    await expect.poll(log).toContain('many~2 for two');
  });

  it('of on-demand end after their event, and the atom is idle again', async () => {
    await push('brief', { kind: 'reactive', policy: 'on-demand', limits: { instances: 2 } });
    for (const word of ['one', 'two', 'three']) await post('m/brief', text(word));
    await expect.poll(log).toContain('brief~3 three');
    await expect.poll(() => document('atoms/brief')).toMatchObject({ phase: 'IDLE', inbox: { done: 3 } });
    expect(await document('atoms/brief')).not.toHaveProperty('instances');
  });
});

/** Messages and requests between boards on their links, through a whole bridge. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { CoapBoard } from '../../../test/support/coap-board.ts';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { listenSocketBoard } from '../../../test/support/socket-board.ts';
import { createCoapContext, formatCode, option } from '../coap/index.ts';
import type { CoapReply, CoapRequest, CoapResponse } from '../coap/types.ts';
import { encodeFields } from '../fields/index.ts';
import { openUdpServer } from '../link/index.ts';
import { decodeEnvelope, encodeEnvelope, type MessageEnvelope } from '../message/index.ts';
import { decodeProblem, problemReply, RadonError } from '../problem/index.ts';
import { recordProcess } from '../process/index.ts';
import { contentFormat, method } from '../tables/index.ts';
import { type BridgeOptions, createBridge } from './index.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openBridge(options: Partial<BridgeOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'radon-between-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const ports = { port: 0, coapPort: 0, boardPort: 0 };
  const bridge = await createBridge({ radonFolder: folder, ...ports, ...options });
  closers.push(() => bridge.close());
  return { ...bridge, folder };
}

type OpenBridge = Awaited<ReturnType<typeof openBridge>>;

interface Members {
  readonly names?: readonly string[];
  readonly aliases?: readonly string[];
}

/** A board that tells names, takes messages to them until its inbox is full, and writes down what it took. */
async function startBoard(
  { folder, registry }: OpenBridge,
  name: string,
  { names = [], aliases = [] }: Members,
) {
  const inbox = { taken: [] as (MessageEnvelope | string)[], room: Number.POSITIVE_INFINITY };
  const take = (request: CoapRequest): CoapReply => {
    if (inbox.room === 0) return problemReply(new RadonError('INBOX_FULL', { name: request.path }));
    inbox.room -= 1;
    const isEnvelope = request.contentFormat === contentFormat.RADON_MESSAGE;
    const text = new TextDecoder().decode(request.body);
    inbox.taken.push(isEnvelope ? (decodeEnvelope(request.body) as MessageEnvelope) : text);
    return { code: 0x44 };
  };
  const tell = (): CoapReply => ({
    code: 0x45,
    payload: encodeFields({ names, aliases }),
    contentFormat: contentFormat.CBOR,
    maxAge: 0,
  });
  const answers = new Map<string, (request: CoapRequest) => CoapReply>([['/names', tell]]);
  for (const target of [...names, ...aliases]) answers.set(`/m/${target}`, take);
  const socket = join(folder, `${name}.sock`);
  const listening = await listenSocketBoard(socket, { answers });
  closers.push(() => listening.close());
  const own = join(folder, 'emu', name);
  mkdirSync(own, { recursive: true });
  const state = { name, ...recordProcess(process.pid), emulator: 'qemu', board: 'netduinoplus2', socket };
  writeFileSync(join(own, 'state.json'), JSON.stringify({ ...state, flash: '' }));
  const board = async (): Promise<CoapBoard> => {
    await expect.poll(() => listening.board()?.requests, { timeout: 5_000 }).toContain('1 /names');
    // What follows on the same link is answered after the names.
    await registry.get(name)?.request({ method: 1, path: ['node'], query: [], payload: new Uint8Array(0) });
    const found = listening.board();
    if (found === undefined) throw new Error(`${name} has no connection`);
    return found;
  };
  return { name, inbox, answers, board, send: sender(name, board) };
}

/** Sends messages as a board's node does. */
function sender(name: string, board: () => Promise<CoapBoard>) {
  let seq = 0;
  return async (to: string): Promise<string> => {
    seq += 1;
    const payload = encodeEnvelope({
      from: `${name}/atom`,
      incarnation: 1,
      seq,
      id: seq,
      hops: 4,
      payload: Uint8Array.of(seq),
    });
    const { context } = await board();
    const request = { method: method.POST, path: `/m/${to}`, contentFormat: contentFormat.RADON_MESSAGE };
    return said(await context.request({ ...request, payload }));
  };
}

function said({ code, payload }: CoapResponse): string {
  const title = decodeProblem(payload)?.title;
  return title === undefined ? formatCode(code) : `${formatCode(code)} ${title}`;
}

const numbers = (taken: readonly (MessageEnvelope | string)[]) =>
  taken.map((one) => (typeof one === 'string' ? one : one.payload[0]));

describe('messages between nodes of a bridge', () => {
  test('an alias reaches every node with members, once, whoever sends', async () => {
    const bridge = await openBridge();
    const host = createScriptedNode(
      'host',
      ({ path }) =>
        path[0] === 'names'
          ? response(0x45, encodeFields({ names: [], aliases: ['gauges'] }), contentFormat.CBOR)
          : response(0x44),
      'host',
    );
    bridge.registry.add(host);
    const boards = await Promise.all(
      Array.from({ length: 6 }, (_, at) => startBoard(bridge, `b${at}`, { aliases: ['gauges'] })),
    );
    for (const { board } of boards) await board();
    const [first, second] = boards;
    expect(await first?.send('gauges')).toBe('2.04');
    expect(await second?.send('gauges')).toBe('2.04');
    const posted = await fetch(`${bridge.url}/m/gauges`, { method: 'POST', body: 'x' });
    expect(posted.status).toBe(204);
    expect(boards.map(({ inbox }) => inbox.taken.length)).toEqual([2, 2, 3, 3, 3, 3]);
    expect(boards[5]?.inbox.taken).toMatchObject([
      { from: 'b0/atom', hops: 3 },
      { from: 'b1/atom', hops: 3 },
      'x',
    ]);
    expect(host.requests).toHaveLength(3);
  });

  test('a full inbox comes back to its sender; nothing is lost or taken twice when it tries again', async () => {
    const bridge = await openBridge();
    const a = await startBoard(bridge, 'a', { names: ['atom'] });
    const b = await startBoard(bridge, 'b', { names: ['slow'] });
    await b.board();
    b.inbox.room = 2;
    const answers = [];
    for (let count = 0; count < 4; count += 1) answers.push(await a.send('slow'));
    expect(answers).toEqual(['2.04', '2.04', '5.03 INBOX_FULL', '5.03 INBOX_FULL']);
    b.inbox.room = 1;
    expect([await a.send('b/slow'), await a.send('b/slow')]).toEqual(['2.04', '5.03 INBOX_FULL']);
    expect(numbers(b.inbox.taken)).toEqual([1, 2, 5]);
  });

  test('a board that lost its link is tried again, and takes messages when it is back', async () => {
    const bridge = await openBridge();
    const a = await startBoard(bridge, 'a', {});
    const b = await startBoard(bridge, 'b', { names: ['sink'] });
    const board = await b.board();
    await a.board();
    expect(await a.send('sink')).toBe('2.04');
    await board.context.close();
    await expect.poll(() => bridge.registry.get('b')?.state().link).toBe('lost');
    expect(await a.send('sink')).toBe('5.03 NODE_LOST');
    await expect.poll(() => a.send('sink'), { timeout: 5_000 }).toBe('2.04');
    expect(b.inbox.taken).toHaveLength(2);
  });

  test('a board reads and observes what another serves, and asks listed servers only', async () => {
    const link = await openUdpServer();
    const payload = new TextEncoder().encode('42');
    const server = createCoapContext(link, { handler: () => ({ code: 0x45, payload }) });
    closers.push(() => server.close());
    const bridge = await openBridge({ requestHosts: [`127.0.0.1:${link.localPort}`] });
    const a = await startBoard(bridge, 'a', {});
    const b = await startBoard(bridge, 'b', {});
    const [asking, serving] = [await a.board(), await b.board()];
    let level = 1;
    serving.answers.set('/a/rain/level', () => ({ code: 0x45, payload: Uint8Array.of(level) }));
    const path = '/nodes/b/a/rain/level';
    expect(said(await asking.context.request({ method: method.GET, path }))).toBe('2.05');
    const seen: (number | undefined)[] = [];
    const next = (answer: CoapResponse) => seen.push(answer.payload[0]);
    asking.context.observe({ method: method.GET, path }, { next });
    await expect.poll(() => seen).toEqual([1]);
    level = 2;
    serving.changed('/a/rain/level');
    await expect.poll(() => seen).toEqual([1, 2]);
    const control = { method: method.POST, path: '/nodes/b/node' };
    expect(said(await asking.context.request(control))).toBe('4.03 FORBIDDEN_HERE');
    const outside = (port: number) => ({
      method: method.GET,
      path: [],
      options: [{ number: option.proxyUri, value: new TextEncoder().encode(`coap://127.0.0.1:${port}/x`) }],
    });
    expect((await asking.context.request(outside(link.localPort))).payload).toEqual(payload);
    expect(said(await asking.context.request(outside(1)))).toBe('4.03 HOST_NOT_LISTED');
  });
});

/** Streams of `/nodes` and `/nodes/{node}`, and of resources of nodes that are lost. */
import { expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createRegistry } from '../registry/registry.ts';
import { createHttpHandler } from './handler.ts';
import type { SocketSink } from './message.ts';

function setUp() {
  const registry = createRegistry({ tags: new Map([['gauge-2', ['roof']]]) });
  const nodes = ['gauge-1', 'gauge-2'].map((name) => createScriptedNode(name, () => response(0x45, '1', 0)));
  for (const node of nodes) registry.add(node);
  const handle = createHttpHandler({ registry, messages: { request: async () => response(0x44) } });

  function ask(target: string, headers: Record<string, string> = {}, isWebSocket = false) {
    return handle({
      method: 'GET',
      target,
      headers: { host: 'localhost', ...(!isWebSocket && { accept: 'text/event-stream' }), ...headers },
      body: new Uint8Array(0),
      signal: new AbortController().signal,
      isWebSocket,
    });
  }

  /** What a client that streams reads. */
  async function stream(target: string, headers: Record<string, string> = {}, isWebSocket = false) {
    const reply = await ask(target, headers, isWebSocket);
    const written: string[] = [];
    let isEnded = false;
    const sink: SocketSink = {
      bufferedBytes: 0,
      write: (text) => written.push(text) > 0,
      onDrain() {},
      onMessage() {},
      end() {
        isEnded = true;
      },
    };
    const close = (reply.stream ?? reply.socket)?.(sink);
    return { reply, written, isEnded: () => isEnded, close: () => close?.() };
  }
  const [first, second] = nodes;
  if (first === undefined || second === undefined) throw new Error('no nodes');
  return { registry, first, second, ask, stream };
}

const dataOf = (text: string | undefined) => JSON.parse(/^data: (.*)$/m.exec(text ?? '')?.[1] ?? 'null');

test('a stream of one node tells its state, each change of it, and when it goes', async () => {
  const { registry, first, second, stream } = setUp();
  const { written, isEnded } = await stream('/nodes/gauge-1');
  expect(dataOf(written[0])).toMatchObject({ name: 'gauge-1', link: 'up' });
  first.setLink('lost', 'no answer');
  expect(dataOf(written[1])).toMatchObject({ link: 'lost', lastError: 'no answer' });
  first.setLink('lost', 'port is gone');
  expect(dataOf(written[2])).toMatchObject({ link: 'lost', lastError: 'port is gone' });
  second.setLink('lost', 'no answer');
  first.setLink('lost', 'port is gone');
  expect(written).toHaveLength(3);
  await registry.remove('gauge-1');
  expect(written[3]).toContain('event: end\ndata: {"title":"NO_SUCH_NODE"');
  expect(isEnded()).toBe(true);
});

test('a WebSocket of one node tells the same', async () => {
  const { first, stream } = setUp();
  const { written, reply, close } = await stream('/nodes/gauge-1', {}, true);
  expect(reply.status).toBe(101);
  first.setLink('lost', 'no answer');
  expect(written.map((text) => JSON.parse(text))).toMatchObject([
    { id: 1, data: { link: 'up' } },
    { id: 2, data: { link: 'lost', lastError: 'no answer' } },
  ]);
  close();
  first.setLink('up');
  expect(written).toHaveLength(2);
});

test('a stream of all nodes tells of those that come and go, and takes tags', async () => {
  const { registry, stream } = setUp();
  const all = await stream('/nodes');
  const tagged = await stream('/nodes?tag=roof');
  registry.add(createScriptedNode('gauge-3', () => response(0x45)));
  await registry.remove('gauge-1');
  const namesIn = (text: string) => (dataOf(text) as { name: string }[]).map(({ name }) => name);
  expect(all.written.map(namesIn)).toEqual([
    ['gauge-1', 'gauge-2'],
    ['gauge-1', 'gauge-2', 'gauge-3'],
    ['gauge-2', 'gauge-3'],
  ]);
  expect(namesIn(tagged.written[0] ?? '')).toEqual(['gauge-2']);
});

test('a node that is not there has no stream', async () => {
  expect(await setUp().ask('/nodes/nobody')).toMatchObject({ status: 404 });
});

test('who comes back waits in its stream for a node that is lost; who is new gets an error', async () => {
  const { registry, ask, stream } = setUp();
  const silent = createScriptedNode('silent', () => new Promise(() => undefined));
  registry.add(silent);
  async function lostMeanwhile<T>(asked: Promise<T> | T): Promise<T> {
    await expect.poll(() => silent.observers).toHaveLength(1);
    silent.setLink('lost', 'no answer');
    return asked;
  }
  expect(await lostMeanwhile(ask('/nodes/silent/a/x'))).toMatchObject({ status: 504 });
  const returning = stream('/nodes/silent/a/x', { 'last-event-id': '5' });
  const { reply, written } = await lostMeanwhile(returning);
  expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
  silent.setLink('up');
  silent.notify(response(0x45, '1', 0));
  expect(written).toEqual(['event: lost\ndata: {}\n\n', 'event: back\ndata: {}\n\n', 'id: 1\ndata: "1"\n\n']);
});

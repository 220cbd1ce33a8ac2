/** Streams of `/services/{rt}`: server-sent events and messages of a WebSocket. */
import { expect, test } from 'vitest';
import { createScriptedNode, response, type ScriptedNode } from '../../../test/support/scripted-node.ts';
import { encodeFields } from '../fields/index.ts';
import { createRegistry } from '../registry/registry.ts';
import { createHttpHandler } from './handler.ts';
import type { HttpRequest, SocketSink } from './message.ts';

const links = response(0x45, '</a/rain/level>;rt=rain,</node>;rt=self', 40);
const reading = (v: number) => response(0x45, `[{"n":"level","v":${v}}]`, 110);

function gauge(name: string): ScriptedNode {
  return createScriptedNode(name, ({ path }) =>
    path[0] === '.well-known'
      ? links
      : path[0] === 'node'
        ? response(0x45, encodeFields({ name }), 60)
        : reading(1),
  );
}

/** Takes what is written, unless it is slow. */
function createSink() {
  const written: string[] = [];
  let drained = () => {};
  const sink: SocketSink & { isSlow: boolean } = {
    isSlow: false,
    bufferedBytes: 0,
    write(text) {
      written.push(text);
      return !sink.isSlow;
    },
    onDrain(called) {
      drained = called;
    },
    onMessage() {},
    end() {},
  };
  return { sink, written, drain: () => drained() };
}

function setUp() {
  const registry = createRegistry();
  const nodes = [gauge('a'), gauge('b')] as const;
  for (const node of nodes) registry.add(node);
  const handle = createHttpHandler({ registry, messages: { request: async () => response(0x44) } });
  const ask = (target: string, further: Partial<HttpRequest> = {}) =>
    handle({
      method: 'GET',
      target,
      headers: { host: 'localhost', accept: 'text/event-stream' },
      body: new Uint8Array(0),
      signal: new AbortController().signal,
      ...further,
    });
  return { registry, nodes, ask };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const data = (id: number, v: number) => `id: ${id}\ndata: [{"n":"level","v":${v}}]\n\n`;
const provider = (name: string) => `event: provider\ndata: {"href":"/nodes/${name}/a/rain/level"}\n\n`;

test('a stream names its provider before its first value, and tells when it is another', async () => {
  const { nodes, ask } = setUp();
  const reply = await ask('/services/rain');
  expect(reply).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'content-location': '/nodes/a/a/rain/level' },
  });
  const { sink, written } = createSink();
  const close = reply.stream?.(sink);
  nodes[0].notify(reading(2));
  nodes[0].setLink('lost');
  await settled();
  expect(written).toEqual([
    provider('a') + data(1, 1),
    data(2, 2),
    'event: lost\ndata: {}\n\n',
    'event: back\ndata: {}\n\n',
    provider('b') + data(3, 1),
  ]);
  close?.();
  expect(nodes.map(({ observers }) => observers.length)).toEqual([0, 0]);
});

test('a WebSocket has the provider in its first value', async () => {
  const { nodes, ask } = setUp();
  const { sink, written } = createSink();
  const reply = await ask('/services/rain', { isWebSocket: true });
  reply.socket?.(sink);
  nodes[0].setLink('lost');
  await settled();
  expect(written.map((text) => JSON.parse(text))).toEqual([
    { id: 1, data: [{ n: 'level', v: 1 }], href: '/nodes/a/a/rain/level' },
    { event: 'lost' },
    { event: 'back' },
    { id: 2, data: [{ n: 'level', v: 1 }], href: '/nodes/b/a/rain/level' },
  ]);
});

test('who reads slowly gets the newest value, and whose it is', async () => {
  const { nodes, ask } = setUp();
  const { sink, written, drain } = createSink();
  (await ask('/services/rain')).stream?.(sink);
  sink.isSlow = true;
  nodes[0].notify(reading(2));
  nodes[0].notify(reading(3));
  nodes[0].setLink('lost');
  await settled();
  nodes[1].notify(reading(9));
  sink.isSlow = false;
  drain();
  expect(written).toEqual([
    provider('a') + data(1, 1),
    data(2, 2),
    'event: back\ndata: {}\n\n',
    `${provider('b')}: 2 older values left out\n${data(5, 9)}`,
  ]);
});

test('a document of the node itself has its field names', async () => {
  const { ask } = setUp();
  const { sink, written } = createSink();
  (await ask('/services/self')).stream?.(sink);
  expect(written[0]).toContain('data: {"name":"a"}\n');
});

test('?all is a stream of documents', async () => {
  const { ask } = setUp();
  const { sink, written } = createSink();
  const reply = await ask('/services/rain?all');
  expect(reply.headers).not.toHaveProperty('content-location');
  reply.stream?.(sink);
  const [, text = ''] = /^id: 1\ndata: (.*)\n\n$/.exec(written.join('')) ?? [];
  expect(JSON.parse(text)).toMatchObject({ rt: 'rain', count: 2, mean: 1 });
});

test('a browser that comes back waits in the stream for a provider', async () => {
  const { nodes, ask } = setUp();
  await ask('/services');
  for (const node of nodes) node.setLink('lost');
  const headers = { host: 'localhost', accept: 'text/event-stream', 'last-event-id': '7' };
  const reply = await ask('/services/rain', { headers });
  expect(reply.status).toBe(200);
  const { sink, written } = createSink();
  reply.stream?.(sink);
  nodes[1].setLink('up');
  await settled();
  expect(written).toEqual([
    'event: lost\ndata: {}\n\n',
    'event: back\ndata: {}\n\n',
    provider('b') + data(1, 1),
  ]);
});

test.each([
  ['/services/sun', 404],
  ['/services/sun?all', 404],
  ['/services/rain?tag=none', 404],
])('%s is no stream: %i', async (target, status) => {
  expect((await setUp().ask(target)).status).toBe(status);
});

test('who goes before there is a value leaves no observation', async () => {
  const { nodes, ask } = setUp();
  const gone = new AbortController();
  const reply = ask('/services/rain', { signal: gone.signal });
  gone.abort(new Error('gone'));
  expect((await reply).status).toBe(500);
  await settled();
  expect(nodes.map(({ observers }) => observers.length)).toEqual([0, 0]);
});

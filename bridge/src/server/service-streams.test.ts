/** A hundred listeners of a service over real sockets, while its provider is lost. */
import { afterEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createMailbox } from '../../../test/support/deadline.ts';
import { openEventStream } from '../../../test/support/event-stream.ts';
import { createScriptedNode, response, type ScriptedNode } from '../../../test/support/scripted-node.ts';
import { createHttpHandler } from '../http/handler.ts';
import { createRegistry } from '../registry/registry.ts';
import { openHttpServer } from './http-server.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const links = response(0x45, '</a/rain/level>;rt=rain', 40);
const value = (text: string) => response(0x45, `"${text}"`, 50);
const href = (node: string) => `/nodes/${node}/a/rain/level`;

/** Nodes with a rain gauge; the second answers when it is told to. */
async function open() {
  const registry = createRegistry();
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const gauge = (name: string, ready: Promise<void>): ScriptedNode =>
    createScriptedNode(name, async ({ path }) => {
      if (path[0] === '.well-known') return links;
      await ready;
      return value(`${name} 1`);
    });
  const nodes = [gauge('a', Promise.resolve()), gauge('b', answered)] as const;
  for (const node of nodes) registry.add(node);
  const errors: unknown[] = [];
  const handler = createHttpHandler({
    registry,
    messages: { request: async () => response(0x44) },
    onError: (error) => errors.push(error),
  });
  const server = await openHttpServer({ handler, host: '127.0.0.1', port: 0 });
  closers.push(
    () => registry.close(),
    () => server.close(),
    () => expect(errors).toEqual([]),
  );
  return { registry, nodes, answer, origin: `127.0.0.1:${server.port}` };
}

function dial(origin: string) {
  const socket = new WebSocket(`ws://${origin}/services/rain`);
  const messages = createMailbox<unknown>('a message');
  socket.on('message', (data) => messages.put(JSON.parse(String(data))));
  closers.push(() => socket.terminate());
  return { socket, next: () => messages.take() };
}

async function subscribe(origin: string) {
  const stream = await openEventStream(`http://${origin}/services/rain`);
  closers.push(() => stream.close());
  return stream;
}

test('each hears of the loss and of the next provider once; who goes meanwhile and who is slow disturb nobody', async () => {
  const { registry, nodes, answer, origin } = await open();
  const sockets = Array.from({ length: 50 }, () => dial(origin));
  const streams = await Promise.all(Array.from({ length: 50 }, () => subscribe(origin)));
  for (const { next } of sockets) expect(await next()).toMatchObject({ data: 'a 1', href: href('a') });
  for (const { next } of streams) {
    expect(await next()).toEqual({ event: 'provider', data: JSON.stringify({ href: href('a') }) });
    expect(await next()).toEqual({ event: 'message', data: '"a 1"' });
  }
  expect(nodes.map(({ observers }) => observers.length)).toEqual([1, 0]);

  const [slow, ...others] = sockets;
  slow?.socket.pause();
  nodes[0].setLink('lost');
  await expect.poll(() => nodes[1].observers).toHaveLength(1);
  others.splice(0, 10).forEach(({ socket }) => {
    socket.terminate();
  });
  streams.splice(0, 10).forEach((stream) => {
    stream.close();
  });
  answer();
  for (const { next } of others) {
    expect([await next(), await next(), await next()]).toEqual([
      { event: 'lost' },
      { event: 'back' },
      { id: expect.any(Number), data: 'b 1', href: href('b') },
    ]);
  }
  for (const { next } of streams) {
    expect([await next(), await next(), await next(), await next()].map(({ event }) => event)).toEqual([
      'lost',
      'back',
      'provider',
      'message',
    ]);
  }
  expect(nodes.map(({ observers }) => observers.length)).toEqual([0, 1]);

  for (let count = 0; count < 400; count += 1) nodes[1].notify(value('x'.repeat(60_000)));
  nodes[1].notify(value('newest'));
  slow?.socket.resume();
  let told: unknown;
  while ((told as { data?: string } | undefined)?.data !== 'newest') told = await slow?.next();
  for (const { socket } of sockets) socket.terminate();
  for (const stream of streams) stream.close();
  await expect.poll(() => registry.observations.size).toBe(0);
});

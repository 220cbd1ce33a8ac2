import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createMailbox } from '../../../test/support/deadline.ts';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { type Access, createAccess } from '../access/index.ts';
import { createHttpHandler } from '../http/handler.ts';
import { maxRequests, maxSubscriptions } from '../http/live.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { openHttpServer } from './http-server.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const value = (text: string) => response(0x45, text, 50);

interface Options {
  readonly access?: Access;
  readonly pingMs?: number;
}

async function open(
  answer: (request: NodeRequest) => NodeResponse | Promise<NodeResponse>,
  options: Options = {},
) {
  const registry = createRegistry();
  const node = createScriptedNode('gauge-1', answer);
  registry.add(node);
  const errors: unknown[] = [];
  const handler = createHttpHandler({
    registry,
    messages: { request: async () => response(0x44) },
    onError: (error) => errors.push(error),
    ...options,
  });
  const server = await openHttpServer({ handler, host: '127.0.0.1', port: 0, ...options });
  closers.push(
    () => registry.close(),
    () => server.close(),
    () => expect(errors).toEqual([]),
  );
  return { registry, node, server, origin: `127.0.0.1:${server.port}` };
}

/** A WebSocket whose messages are taken one by one; `closed` tells its close code, a refusal its status. */
function dial(origin: string, path: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://${origin}${path}`, { headers });
  const messages = createMailbox<unknown>(`a message of ${path}`);
  const ends = createMailbox<number>(`the end of ${path}`);
  socket.on('message', (data) => messages.put(JSON.parse(String(data))));
  socket.on('close', (code) => ends.put(code));
  socket.on('unexpected-response', (_, reply) => {
    ends.put(reply.statusCode ?? 0);
    socket.terminate();
  });
  socket.on('error', () => undefined);
  closers.push(() => socket.terminate());
  return {
    socket,
    next: () => messages.take(),
    ended: () => ends.take(),
    say: (message: unknown) => socket.send(JSON.stringify(message)),
    opened: () => new Promise<void>((resolve) => socket.once('open', () => resolve())),
  };
}

async function openLive(origin: string) {
  const live = dial(origin, '/live');
  await live.opened();
  return live;
}

const level = '/nodes/gauge-1/a/rain/level';
/** JSON that can be read and, for want of stack, not written. */
const deep = '['.repeat(20_000) + ']'.repeat(20_000);

describe('a reading over a WebSocket', () => {
  test('values with ids of the bridge, loss and return', async () => {
    const { node, origin, registry } = await open(() => value('{"v":\n1}'));
    const stream = dial(origin, level);
    expect(await stream.next()).toEqual({ id: 1, data: { v: 1 } });
    node.setLink('lost');
    expect(await stream.next()).toEqual({ event: 'lost' });
    node.setLink('up');
    node.notify(value('2'));
    expect(await stream.next()).toEqual({ event: 'back' });
    expect(await stream.next()).toEqual({ id: 2, data: 2 });
    stream.socket.close();
    await expect.poll(() => registry.observations.size).toBe(0);
  });

  test('what says it is JSON and is none arrives as text', async () => {
    const { origin } = await open(() => value('1},"event":"end"'));
    expect(await dial(origin, level).next()).toEqual({ id: 1, data: '1},"event":"end"' });
  });

  test('the end of the observation is the last message', async () => {
    const { node, origin } = await open(() => value('1'));
    const stream = dial(origin, level);
    await stream.next();
    node.observers[0]?.listener.end(response(0x84));
    expect(await stream.next()).toMatchObject({ event: 'end', title: 'NODE_REFUSED' });
    expect(await stream.ended()).toBe(1005);
  });

  test('what cannot be observed is answered as GET would be', async () => {
    const { origin } = await open(() => response(0x84));
    expect(await dial(origin, level).ended()).toBe(404);
    expect(await dial(origin, '/nodes/gauge-9/x').ended()).toBe(404);
    expect(await dial(origin, '/healthz').ended()).toBe(200);
  });

  test('a web page from elsewhere, a foreign host and a missing token are refused', async () => {
    const { origin, node } = await open(() => value('1'), {
      access: createAccess({ tokens: { list: () => [] }, ownToken: 'secret' }),
    });
    const authorization = 'Bearer secret';
    const from = (headers: Record<string, string>) => dial(origin, level, headers);
    expect(await from({ authorization, origin: 'http://evil.example' }).ended()).toBe(403);
    expect(await from({ authorization, host: 'evil.example' }).ended()).toBe(421);
    expect(await from({}).ended()).toBe(401);
    expect(node.observers).toEqual([]);
    expect(await from({ authorization, origin: `http://${origin}` }).next()).toEqual({ id: 1, data: 1 });
  });

  test('a slow listener gets the newest value and is told how many it missed', async () => {
    const { node, origin } = await open(() => value('"first"'));
    const stream = dial(origin, level);
    await stream.next();
    stream.socket.pause();
    const large = 'x'.repeat(60_000);
    for (let count = 0; count < 400; count += 1) node.notify(value(`"${large}"`));
    node.notify(value('"newest"'));
    stream.socket.resume();
    let told = (await stream.next()) as { data: string; left?: number };
    let left = 0;
    let received = 1;
    for (; told.data !== 'newest'; received += 1) {
      told = (await stream.next()) as typeof told;
      left += told.left ?? 0;
    }
    expect(left + received).toBe(401);
    expect(left).toBeGreaterThan(100);
  });

  test('a client that answers no ping is gone', async () => {
    const { origin, registry } = await open(() => value('1'), { pingMs: 200 });
    const deaf = new WebSocket(`ws://${origin}${level}`, { autoPong: false });
    const stream = dial(origin, '/nodes');
    await new Promise((resolve) => deaf.once('close', resolve));
    await expect.poll(() => registry.observations.size).toBe(0);
    expect(await stream.next()).toMatchObject({ data: [{ name: 'gauge-1' }] });
    expect(stream.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('the states of the nodes', () => {
  test('of one node, until it leaves the bridge', async () => {
    const { node, origin, registry } = await open(() => value('1'));
    const stream = dial(origin, '/nodes/gauge-1');
    expect(await stream.next()).toMatchObject({ id: 1, data: { name: 'gauge-1', link: 'up' } });
    node.setLink('lost', 'no answer');
    expect(await stream.next()).toMatchObject({ data: { link: 'lost', lastError: 'no answer' } });
    await registry.remove('gauge-1');
    expect(await stream.next()).toMatchObject({ event: 'end', title: 'NO_SUCH_NODE' });
    expect(await stream.ended()).toBe(1005);
    expect(await dial(origin, '/nodes/gauge-1').ended()).toBe(404);
  });

  test('are told again when one is lost, comes or goes', async () => {
    const { node, origin, registry } = await open(() => value('1'));
    const stream = dial(origin, '/nodes');
    expect(await stream.next()).toMatchObject({ data: [{ name: 'gauge-1', link: 'up' }] });
    node.setLink('lost', 'no answer');
    expect(await stream.next()).toMatchObject({ data: [{ link: 'lost', lastError: 'no answer' }] });
    registry.add(createScriptedNode('gauge-2', () => value('1')));
    expect(await stream.next()).toMatchObject({ data: [{ name: 'gauge-1' }, { name: 'gauge-2' }] });
    await registry.remove('gauge-1');
    expect(await stream.next()).toMatchObject({ data: [{ name: 'gauge-2' }] });
  });
});

describe('/live', () => {
  test('carries several streams of which each can end', async () => {
    const { node, origin } = await open(({ path }) => value(JSON.stringify(path.at(-1))));
    const live = await openLive(origin);
    live.say({ subscribe: 1, path: '/nodes/gauge-1/a/x', accept: 'application/senml+json' });
    expect(await live.next()).toEqual({ subscription: 1, id: 1, data: 'x' });
    expect(node.observers.map(({ request }) => request.accept)).toEqual([110]);
    live.say({ subscribe: 2, path: '/nodes/gauge-1/a/y' });
    expect(await live.next()).toEqual({ subscription: 2, id: 2, data: 'y' });
    live.say({ unsubscribe: 1 });
    await expect.poll(() => node.observers.length).toBe(1);
    node.notify(value('3'));
    expect(await live.next()).toEqual({ subscription: 2, id: 3, data: 3 });
    live.socket.close();
    await expect.poll(() => node.observers.length).toBe(0);
  });

  test('tells why there is no stream, and the number is free again', async () => {
    const { origin } = await open(({ path }) => (path.at(-1) === 'x' ? response(0x84) : value('1')));
    const live = await openLive(origin);
    live.say({ subscribe: 1, path: '/nodes/gauge-1/a/x' });
    expect(await live.next()).toMatchObject({ subscription: 1, event: 'end', status: 404 });
    live.say({ subscribe: 1, path: '/healthz' });
    expect(await live.next()).toMatchObject({ subscription: 1, event: 'end', status: 200 });
    live.say({ subscribe: 1, path: '/nodes/gauge-1/a/y' });
    expect(await live.next()).toEqual({ subscription: 1, id: 1, data: 1 });
  });

  test('carries requests, with the rights of the handshake', async () => {
    const { node, origin } = await open(({ method }) => (method === 1 ? value('{"a":[1]}') : response(0x44)));
    const live = await openLive(origin);
    live.say({ request: 1, path: '/nodes/gauge-1/a/x' });
    expect(await live.next()).toMatchObject({
      response: 1,
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { a: [1] },
    });
    live.say({ request: 2, method: 'post', path: '/nodes/gauge-1/a/x', body: { on: true } });
    expect(await live.next()).toEqual({ response: 2, status: 204, headers: {} });
    live.say({
      request: 3,
      method: 'PUT',
      path: '/nodes/gauge-1/a/x',
      headers: { 'Content-Type': 'application/octet-stream', Host: 'evil.example' },
      base64: 'AQI=',
    });
    expect(await live.next()).toMatchObject({ response: 3, status: 204 });
    expect(node.requests.slice(1)).toMatchObject([
      { contentFormat: 50, payload: new TextEncoder().encode('{"on":true}') },
      { contentFormat: 42, payload: Buffer.from([1, 2]) },
    ]);
    live.say({ request: 4, path: '/nodes/gauge-9' });
    expect(await live.next()).toMatchObject({ response: 4, status: 404, body: { title: 'NO_SUCH_NODE' } });
    live.say({ request: 5, path: level, headers: { accept: 'text/event-stream' } });
    expect(await live.next()).toMatchObject({ response: 5, status: 400 });
    expect(node.observers).toEqual([]);
  });

  test('what a node nests without end harms nobody', async () => {
    const { origin } = await open(({ path }) =>
      path.at(-1) === 'error' ? response(0x80, `{"title":${deep},"detail":7}`, 50) : value(deep),
    );
    const live = await openLive(origin);
    live.say({ request: 1, path: '/nodes/gauge-1/a/x' });
    expect(await live.next()).toHaveProperty('status', 200);
    live.say({ subscribe: 2, path: '/nodes/gauge-1/a/error' });
    expect(await live.next()).toEqual({
      subscription: 2,
      event: 'end',
      status: 400,
      title: 'NOT_OBSERVABLE',
      detail: '',
    });
    live.say({ subscribe: 3, path: '/nodes/gauge-1/a/x' });
    expect(await live.next()).toHaveProperty('subscription', 3);
  });

  test('more requests or subscriptions than its limit are refused', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { origin } = await open(async ({ path }) => {
      if (path.at(-1) === 'slow') await gate;
      return value('1');
    });
    const live = await openLive(origin);
    for (let number = 0; number <= maxRequests; number += 1)
      live.say({ request: number, path: '/nodes/gauge-1/a/slow' });
    expect(await live.next()).toMatchObject({ response: maxRequests, status: 400 });
    release();
    for (let number = 0; number < maxRequests; number += 1)
      expect(await live.next()).toMatchObject({ response: number, status: 200 });
    for (let number = 0; number <= maxSubscriptions; number += 1)
      live.say({ subscribe: number, path: '/nodes' });
    const told: unknown[] = [];
    for (let number = 0; number <= maxSubscriptions; number += 1) told.push(await live.next());
    expect(told).toContainEqual(
      expect.objectContaining({ subscription: maxSubscriptions, event: 'end', status: 400 }),
    );
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['null', 'null'],
    ['no known member', '{"hello":1}'],
    ['a subscription without a path', '{"subscribe":1}'],
    ['a number that is none', '{"subscribe":"1","path":"/nodes"}'],
    ['a header that is no text', '{"request":1,"path":"/nodes","headers":{"accept":1}}'],
    ['a body that is nested without end', `{"request":1,"path":"/m/x","method":"POST","body":${deep}}`],
  ])('%s ends the connection', async (_, text) => {
    const { origin, node } = await open(() => value('1'));
    const live = await openLive(origin);
    live.say({ subscribe: 9, path: level });
    await live.next();
    live.socket.send(text);
    expect(await live.next()).toMatchObject({ event: 'end', title: 'BAD_REQUEST' });
    expect(await live.ended()).toBe(1005);
    await expect.poll(() => node.observers.length).toBe(0);
  });

  test('so does a number in use, a message that is too long, and one in binary', async () => {
    const { origin } = await open(() => value('1'));
    const twice = await openLive(origin);
    for (let count = 0; count < 2; count += 1) twice.say({ subscribe: 1, path: '/nodes' });
    expect(await twice.ended()).toBe(1005);
    const long = await openLive(origin);
    long.say({ request: 1, path: '/nodes', body: 'x'.repeat(65_536) });
    expect(await long.ended()).toBe(1009);
    const binary = await openLive(origin);
    binary.socket.send(Buffer.from('{}'));
    expect(await binary.ended()).toBe(1003);
  });

  test('a client that reads nothing is disconnected', async () => {
    const { origin, node } = await open(() => value(JSON.stringify('x'.repeat(60_000))));
    const live = await openLive(origin);
    live.socket.pause();
    const batches = 200;
    let batch = 1;
    for (; batch < batches && node.requests.length === (batch - 1) * maxRequests; batch += 1) {
      for (let count = 0; count < maxRequests; count += 1)
        live.say({ request: count, path: '/nodes/gauge-1/a/x' });
      const asked = batch * maxRequests;
      await expect
        .poll(() => node.requests.length, { timeout: 500 })
        .toBe(asked)
        .catch(() => undefined);
    }
    expect(batch).toBeLessThan(batches);
    live.socket.resume();
    expect(await live.ended()).toBe(1005);
  });

  test('without an upgrade it is 426', async () => {
    const { origin } = await open(() => value('1'));
    const reply = await fetch(`http://${origin}/live`);
    expect(reply.status).toBe(426);
    expect(reply.headers.get('upgrade')).toBe('websocket');
  });
});

describe('other upgrades', () => {
  function exchange(port: number, request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let received = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(request.replaceAll('\n', '\r\n')));
      socket.on('data', (chunk) => {
        received += chunk.toString();
      });
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
  }

  test('are left out: the answer comes over HTTP/1.1', async () => {
    const { server } = await open(() => value('1'));
    const head = 'Host: localhost\nConnection: Upgrade\nUpgrade: h2c\n';
    const reply = await exchange(server.port, `GET ${level} HTTP/1.1\n${head}\n`);
    expect(reply).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n1$/);
    const body = `POST ${level} HTTP/1.1\n${head}Content-Length: 1\n\nx`;
    expect(await exchange(server.port, body)).toMatch(/^HTTP\/1\.1 400 [\s\S]*without a body/);
  });

  test('a handshake that is none is answered as a plain GET', async () => {
    const { server, node } = await open(() => value('1'));
    const head = 'Host: localhost\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n';
    const reply = await exchange(server.port, `GET ${level} HTTP/1.1\n${head}Sec-WebSocket-Key: short\n\n`);
    expect(reply).toMatch(/^HTTP\/1\.1 200 /);
    expect(node.observers).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { response } from '../../../../test/support/scripted-node.ts';
import { problemReply, RadonError } from '../../problem/index.ts';
import type { NodeResponse, ObservationListener, Upstream, UpstreamRequest } from '../../registry/node.ts';
import { createRegistry } from '../../registry/registry.ts';
import { createHttpHandler } from '../handler.ts';

function setUp(answer: NodeResponse) {
  const asked: UpstreamRequest[] = [];
  const messages = {
    async request(request: UpstreamRequest) {
      asked.push(request);
      return answer;
    },
  };
  const handle = createHttpHandler({ registry: createRegistry(), messages });
  const send = (method: string, target: string, body = '') =>
    handle({
      method,
      target,
      headers: { host: 'localhost', 'content-type': 'application/json' },
      body: new TextEncoder().encode(body),
      signal: new AbortController().signal,
    });
  return { asked, send };
}

describe('servers outside', () => {
  test.each([
    ['/hc/coap://meter.example/level', 'coap://meter.example/level'],
    ['/hc/coap://meter.example', 'coap://meter.example/'],
    [
      '/hc/COAP://meter.example:5684/a%2Fb/%C3%A4?x=1&y=%26',
      'coap://meter.example:5684/a%2Fb/%C3%A4?x=1&y=%26',
    ],
    ['/hc/coap://[::1]:5683//a', 'coap://[::1]:5683//a'],
  ])('%s asks %s', async (target, uri) => {
    const { asked, send } = setUp(response(0x45, 'fine', 0));
    expect(await send('GET', target)).toMatchObject({ status: 200 });
    expect(asked).toMatchObject([{ method: 1, path: [], query: [], proxyUri: uri }]);
  });

  test.each([
    '/hc/http://meter.example/',
    '/hc/coaps://meter.example/',
    '/hc/meter.example/level',
    '/hc/coap:/x',
  ])('%s is 400 and nobody is asked', async (target) => {
    const { asked, send } = setUp(response(0x45));
    expect((await send('GET', target)).status).toBe(400);
    expect(asked).toEqual([]);
  });

  test('bodies and documents have the names of the server, not ours', async () => {
    const { asked, send } = setUp(response(0x44, Uint8Array.of(0xa1, 0, 1), 60));
    const reply = await send('PUT', '/hc/coap://meter.example/node', '{"x":1}');
    expect(reply).toMatchObject({ status: 200, body: '{"0":1}' });
    expect(asked).toMatchObject([{ method: 3, contentFormat: 50 }]);
  });

  test('a location is below the server, and methods of a foreign resource are unknown', async () => {
    const created = setUp({ ...response(0x41), location: ['x', '1'] });
    expect((await created.send('POST', '/hc/coap://meter.example/x')).headers.location).toBe(
      '/hc/coap://meter.example/x/1',
    );
    expect((await setUp(response(0x85)).send('PUT', '/hc/coap://meter.example/node')).status).toBe(400);
  });

  test('a host that is not listed is 403', async () => {
    const { send } = setUp(problemReply(new RadonError('HOST_NOT_LISTED', { name: 'meter.example:5683' })));
    expect((await send('GET', '/hc/coap://meter.example/level')).status).toBe(403);
  });

  test('a server is observed once for all who stream a resource of it', async () => {
    const asked: UpstreamRequest[] = [];
    const listeners: ObservationListener[] = [];
    let closed = 0;
    const observe: Upstream['observe'] = (request, listener) => {
      asked.push(request);
      listeners.push(listener);
      queueMicrotask(() => listener.next(response(0x45, Uint8Array.of(0xa1, 0, 1), 60)));
      return { close: () => (closed += 1) };
    };
    const messages = { request: async () => response(0x45), observe };
    const handle = createHttpHandler({ registry: createRegistry(), messages });
    const stream = async () => {
      const reply = await handle({
        method: 'GET',
        target: '/hc/coap://meter.example/level?x=1',
        headers: { host: 'localhost', accept: 'text/event-stream, application/cbor' },
        body: new Uint8Array(0),
        signal: new AbortController().signal,
      });
      const written: string[] = [];
      const write = (text: string) => written.push(text) > 0;
      const close = reply.stream?.({ write, bufferedBytes: 0, onDrain() {}, end() {} });
      return { written, close };
    };
    const [first, second] = [await stream(), await stream()];
    expect(asked).toMatchObject([
      { method: 1, path: [], query: [], accept: 60, proxyUri: 'coap://meter.example/level?x=1' },
    ]);
    for (const { lost, back } of listeners) for (const tell of [lost, back]) tell();
    const told = ['data: {"0":1}', 'event: lost', 'event: back'];
    for (const { written } of [first, second])
      expect(written.join('').match(/^(data: {"|event: ).*$/gm)).toEqual(told);
    for (const { close } of [first, second]) close?.();
    expect(closed).toBe(1);
  });

  test('one that cannot be observed answers as a GET would', async () => {
    const observe: Upstream['observe'] = (_, listener) => {
      queueMicrotask(() => listener.end(problemReply(new RadonError('HOST_NOT_LISTED', { name: 'x' }))));
      return { close() {} };
    };
    const messages = { request: async () => response(0x45), observe };
    const handle = createHttpHandler({ registry: createRegistry(), messages });
    const reply = await handle({
      method: 'GET',
      target: '/hc/coap://meter.example/level',
      headers: { host: 'localhost', accept: 'text/event-stream' },
      body: new Uint8Array(0),
      signal: new AbortController().signal,
    });
    expect(reply.status).toBe(403);
  });
});

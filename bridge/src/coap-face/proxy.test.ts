import { afterEach, describe, expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { type ClientRequest, createCoapContext, formatCode, option } from '../coap/index.ts';
import { createMemoryLinks, openUdpServer } from '../link/index.ts';
import { decodeProblem } from '../problem/index.ts';
import { createRegistry } from '../registry/index.ts';
import { createRouter } from '../router/index.ts';
import { createCoapFace } from './index.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const utf8 = (text: string) => new TextEncoder().encode(text);
const proxyUri = (uri: string) => ({ number: option.proxyUri, value: utf8(uri) });
const hops = (count: number) => ({ number: option.hopLimit, value: Uint8Array.of(count) });

function openFace({ requestHosts = [] as string[], isReadOnly = false } = {}) {
  const registry = createRegistry();
  const node = createScriptedNode('gauge', ({ method }) =>
    method === 2 ? { ...response(0x41), location: ['a', 'x', '1'] } : response(0x45, 'from gauge', 0),
  );
  registry.add(node);
  const router = createRouter({ registry, requestHosts });
  const [near, far] = createMemoryLinks();
  const isOwn = (host: string, port: number) => host === 'bridge.example' && port === 5_683;
  const { outside: messages, servers } = router;
  const server = createCoapContext(
    far,
    createCoapFace({ registry, messages, servers, requestHosts, isOwn, isReadOnly }),
  );
  const client = createCoapContext(near);
  closers.push(
    () => registry.close(),
    () => router.close(),
    () => server.close(),
    () => client.close(),
  );
  async function ask(request: Partial<ClientRequest>) {
    const reply = await client.request({ method: 1, path: [], ...request });
    const text = new TextDecoder().decode(reply.payload);
    return { reply, code: formatCode(reply.code), text, title: decodeProblem(reply.payload)?.title };
  }
  const byUri = (uri: string, request: Partial<ClientRequest> = {}) =>
    ask({ ...request, options: [proxyUri(uri), ...(request.options ?? [])] });
  return { node, client, ask, byUri };
}

/** A server that is no node: answers with how it was asked. */
async function openServer() {
  const told: { path: string; query: readonly string[]; hopLimit: number | undefined }[] = [];
  const observers = new Set<() => void>();
  let value = 1;
  const link = await openUdpServer();
  const server = createCoapContext(link, {
    handler(request) {
      told.push({ path: request.path, query: request.query, hopLimit: request.uintOf(option.hopLimit) });
      return {
        code: 0x45,
        payload: utf8(`value ${value}`),
        maxAge: 0,
        subscribe(changed) {
          const change = () => changed();
          observers.add(change);
          return () => observers.delete(change);
        },
      };
    },
  });
  closers.push(() => server.close());
  const change = () => {
    value += 1;
    for (const changed of observers) changed();
  };
  return { told, change, observers, host: `127.0.0.1:${link.localPort}` };
}

describe('the forward proxy', () => {
  test('takes the name of a node for a host, and leaves its locations alone', async () => {
    const { node, byUri } = openFace();
    const { text } = await byUri('coap://gauge/a/rain%2Flevel?unit=mm');
    expect(text).toBe('from gauge');
    expect(node.requests[0]).toMatchObject({ path: ['a', 'rain/level'], query: ['unit=mm'], hopLimit: 7 });
    const { reply } = await byUri('coap://gauge:5683/a/x', { method: 2 });
    expect(reply.message.stringsOf(option.locationPath)).toEqual(['a', 'x', '1']);
  });

  test('goes by Proxy-Scheme, Uri-Host and Uri-Port as well', async () => {
    const { host, told } = await openServer();
    const [name = '', port = ''] = host.split(':');
    const { ask } = openFace({ requestHosts: [name] });
    const options = [
      { number: option.uriHost, value: utf8(name) },
      { number: option.uriPort, value: Uint8Array.of(Number(port) >> 8, Number(port)) },
      { number: option.proxyScheme, value: utf8('coap') },
    ];
    expect((await ask({ path: ['a b', 'c&d'], query: ['x=1&2', 'y'], options })).text).toBe('value 1');
    expect(told).toEqual([{ path: '/a b/c&d', query: ['x=1&2', 'y'], hopLimit: 7 }]);
  });

  test('reaches listed hosts, with one hop less', async () => {
    const { host, told } = await openServer();
    const { byUri } = openFace({ requestHosts: [host] });
    expect((await byUri(`coap://${host}/t?u`, { options: [hops(3)] })).text).toBe('value 1');
    expect(told).toEqual([{ path: '/t', query: ['u'], hopLimit: 2 }]);
  });

  test('observes listed hosts, until the client ends it', async () => {
    const { host, change, observers } = await openServer();
    const { client } = openFace({ requestHosts: [host] });
    const told: string[] = [];
    const observation = client.observe(
      { method: 1, path: [], options: [proxyUri(`coap://${host}/t`)] },
      { next: ({ payload }) => told.push(new TextDecoder().decode(payload)) },
    );
    await expect.poll(() => told).toEqual(['value 1']);
    change();
    await expect.poll(() => told).toEqual(['value 1', 'value 2']);
    observation.cancel();
    await expect.poll(() => observers.size).toBe(0);
  });

  test('serves what is addressed to itself', async () => {
    const { ask, byUri } = openFace();
    expect((await byUri('coap://bridge.example/nodes/gauge/a/x')).text).toBe('from gauge');
    const scheme = { number: option.proxyScheme, value: utf8('coap') };
    expect((await ask({ path: ['nodes', 'gauge', 'a', 'x'], options: [scheme] })).text).toBe('from gauge');
  });

  test.each([
    ['a host nobody listed', 'coap://meter.example/x', '5.05', 'HOST_NOT_LISTED'],
    ['another port of a node', 'coap://gauge:5684/x', '5.05', 'HOST_NOT_LISTED'],
    ['another scheme', 'http://meter.example/x', '5.05', undefined],
    ['another scheme of a node', 'coaps://gauge/x', '5.05', undefined],
    ['no URI', 'gauge/x', '4.00', 'BAD_REQUEST'],
    ['a user name', 'coap://me@gauge/x', '4.00', 'BAD_REQUEST'],
    ['malformed percent-encoding', 'coap://gauge/%zz', '4.00', 'BAD_REQUEST'],
    ['a port that is none', 'coap://gauge:70000/', '4.00', 'BAD_REQUEST'],
  ])('refuses %s', async (_, uri, code, title) => {
    const { node, byUri } = openFace();
    expect(await byUri(uri)).toMatchObject({ code, title });
    expect(node.requests).toEqual([]);
  });

  test('ends a request that has no hop left', async () => {
    const { node, ask, byUri } = openFace();
    expect((await byUri('coap://gauge/x', { options: [hops(1)] })).title).toBe('HOP_LIMIT');
    expect((await byUri('coap://gauge/x', { options: [hops(0)] })).code).toBe('4.00');
    expect((await ask({ path: ['nodes', 'gauge', 'x'], options: [hops(0)] })).code).toBe('4.00');
    expect((await ask({ path: ['nodes'], options: [hops(0)] })).code).toBe('4.00');
    expect(node.requests).toEqual([]);
  });

  test('no path steps out of where it begins', async () => {
    const { node, ask, byUri } = openFace();
    for (const step of ['.', '..']) {
      const { code, title } = await ask({ path: ['nodes', 'gauge', step, 'x'] });
      expect([code, title]).toEqual(['4.00', 'BAD_REQUEST']);
    }
    expect((await byUri('coap://gauge/a/../x')).code).toBe('4.00');
    expect(node.requests).toEqual([]);
  });

  test('only reads where the face only reads', async () => {
    const { node, client, ask, byUri } = openFace({ isReadOnly: true });
    const long = { method: 2, path: ['m', 'rain'], payload: new Uint8Array(5_000) };
    expect((await ask(long)).title).toBe('FORBIDDEN_HERE');
    // One block, not five: nothing is gathered.
    expect(client.counters.messagesOut).toBe(1);
    for (const method of [2, 3, 4, 6, 7])
      expect((await byUri('coap://gauge/a/x', { method })).title).toBe('FORBIDDEN_HERE');
    expect((await byUri('coap://gauge/atoms/rain/snapshot')).title).toBe('FORBIDDEN_HERE');
    expect((await byUri('coap://bridge.example/nodes/gauge/atoms/rain/snapshot')).title).toBe(
      'FORBIDDEN_HERE',
    );
    expect(node.requests).toEqual([]);
    expect((await byUri('coap://gauge/a/x')).code).toBe('2.05');
  });

  test("does not take another server's path for an image of a node", async () => {
    const { host, told } = await openServer();
    const { byUri } = openFace({ requestHosts: [host] });
    const payload = new Uint8Array(3_000);
    await byUri(`coap://${host}/nodes/gauge/images/00`, { method: 3, payload });
    expect(told.map(({ path }) => path)).toEqual(['/nodes/gauge/images/00']);
  });
});

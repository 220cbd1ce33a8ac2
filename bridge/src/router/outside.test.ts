import { lookup } from 'node:dns/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { code, createCoapContext, formatCode, option } from '../coap/index.ts';
import type { CoapHandler, CoapReply } from '../coap/types.ts';
import { openUdpServer } from '../link/index.ts';
import { decodeProblem } from '../problem/index.ts';
import type { NodeResponse, ObservationListener, UpstreamRequest } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { contentFormat, method } from '../tables/index.ts';
import { createRouter } from './index.ts';
import { isListed, parseOutsideUri } from './outside-uri.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const utf8 = new TextEncoder();
const noBytes = new Uint8Array(0);

/** A CoAP server that is no node, and the upstream of a node whose bridge lists `hosts`. */
async function setUp(
  handler: CoapHandler,
  hosts: (port: number) => readonly string[] = () => ['127.0.0.1'],
  host = '127.0.0.1',
) {
  const link = await openUdpServer({ host });
  const server = createCoapContext(link, { handler });
  const registry = createRegistry();
  registry.add(createScriptedNode('a', () => response(0x84)));
  const router = createRouter({ registry, requestHosts: hosts(link.localPort) });
  closers.push(
    () => server.close(),
    () => registry.close(),
    () => router.close(),
  );
  return { upstream: router.forNode('a'), server, router, base: `coap://127.0.0.1:${link.localPort}` };
}

const ask = (proxyUri: string, further: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: method.GET,
  path: [],
  query: [],
  payload: noBytes,
  ...further,
  proxyUri,
});

function said({ code: answer, payload, contentFormat: format }: NodeResponse): string {
  const title = format === contentFormat.PROBLEM_DETAILS ? decodeProblem(payload)?.title : undefined;
  return `${formatCode(answer)} ${title ?? new TextDecoder().decode(payload)}`;
}

const echo: CoapHandler = (request) => {
  const host = request.stringsOf(option.uriHost).join();
  const hops = request.uintOf(option.hopLimit);
  const what = [formatCode(request.code), host, request.path, request.query.join('&'), hops];
  return { code: code.content, payload: utf8.encode(`${what.join(' ')} ${request.body.length}`) };
};

describe('a request to a server outside', () => {
  test('carries path, query, body and one hop less', async () => {
    const { upstream, base } = await setUp(echo);
    expect(said(await upstream.request(ask(`${base}/a%20b/c?x=1&y=%26`)))).toBe(
      '2.05 GET  /a b/c x=1&y=& 7 0',
    );
    const body = { method: method.PUT, payload: new Uint8Array(3_000), hopLimit: 4 };
    expect(said(await upstream.request(ask(base, body)))).toBe('2.05 PUT  /  3 3000');
  });

  test('of a client of the bridge goes the same way, by the same list', async () => {
    const { router, base } = await setUp(echo);
    expect(said(await router.outside.request(ask(`${base}/x`)))).toBe('2.05 GET  /x  7 0');
    expect(said(await router.outside.request(ask('coap://192.0.2.1/x')))).toBe('4.03 HOST_NOT_LISTED');
  });

  test('tells a name to the server, in lower case', async () => {
    const { address } = await lookup('localhost');
    const { upstream, base } = await setUp(echo, () => ['localhost'], address);
    const uri = `${base.replace('127.0.0.1', 'LocalHost')}/x`;
    expect(said(await upstream.request(ask(uri)))).toBe('2.05 GET localhost /x  7 0');
  });

  test.each([
    ['nothing is listed', [], 'HOST_NOT_LISTED'],
    ['another port is listed', ['127.0.0.1:1'], 'HOST_NOT_LISTED'],
    ['a longer name is listed', ['x.127.0.0.1'], 'HOST_NOT_LISTED'],
  ])('is refused when %s', async (_, hosts, title) => {
    const { upstream, base } = await setUp(echo, () => hosts);
    expect(said(await upstream.request(ask(`${base}/x`)))).toBe(`4.03 ${title}`);
    const told = await new Promise((resolve) =>
      upstream.observe(ask(`${base}/x`), listenerOf({ end: (answer) => resolve(said(answer)) })),
    );
    expect(told).toBe(`4.03 ${title}`);
  });

  test('is allowed by host and port', async () => {
    const { upstream, base } = await setUp(echo, (port) => [`127.0.0.1:${port}`]);
    expect(said(await upstream.request(ask(`${base}/x`)))).toMatch('2.05');
  });

  test.each([
    'http://127.0.0.1/',
    'coaps://127.0.0.1/',
    'coap://me@127.0.0.1/',
    'coap://127.0.0.1:0/',
    'coap://127.0.0.1:65536/',
    'coap://127.0.0.1/#x',
    'coap://127.0.0.1/%zz',
    'coap:///x',
    'coap://127.0.0.1\\@evil/',
    'coap://127.0.0.1/a/../b',
    'coap://127.0.0.1/%2e',
    `coap://127.0.0.1/${'a'.repeat(256)}`,
    `coap://127.0.0.1/?${'%C3%A9'.repeat(128)}`,
    '',
  ])('is refused for %j', async (uri) => {
    const { upstream } = await setUp(echo);
    expect(said(await upstream.request(ask(uri)))).toBe('4.00 BAD_REQUEST');
  });

  test('has hops and an answer in time, or says so', async () => {
    const { upstream, base } = await setUp(echo, () => ['127.0.0.1', 'no-such-host.invalid']);
    expect(said(await upstream.request(ask(base, { hopLimit: 1 })))).toBe('5.08 HOP_LIMIT');
    expect(said(await upstream.request(ask('coap://no-such-host.invalid/x')))).toBe('5.04 NODE_UNREACHABLE');
  });

  test('ends with its caller, and with the router', async () => {
    const never: CoapHandler = () => new Promise<CoapReply>(() => {});
    const { upstream, base, router } = await setUp(never);
    const controller = new AbortController();
    const aborted = upstream.request(ask(`${base}/x`), controller.signal);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    const cut = upstream.request(ask(`${base}/x`));
    await new Promise((resolve) => setImmediate(resolve));
    await router.close();
    expect(said(await cut)).toBe('5.04 NODE_UNREACHABLE');
  });
});

const listenerOf = (part: Partial<ObservationListener>): ObservationListener => ({
  next() {},
  lost() {},
  back() {},
  end() {},
  ...part,
});

describe('an observation of a server outside', () => {
  test('tells each representation until it is closed', async () => {
    const tell: ((reply?: CoapReply) => void)[] = [];
    const { upstream, base, server } = await setUp(() => ({
      code: code.content,
      payload: utf8.encode('1'),
      subscribe: (changed) => {
        tell.push(changed);
        return () => {};
      },
    }));
    const told: string[] = [];
    const next = (answer: NodeResponse) => told.push(said(answer));
    const observation = upstream.observe(ask(`${base}/x`), listenerOf({ next }));
    await expect.poll(() => told).toEqual(['2.05 1']);
    tell[0]?.({ code: code.content, payload: utf8.encode('2') });
    await expect.poll(() => told).toEqual(['2.05 1', '2.05 2']);
    observation.close();
    await expect.poll(() => server.observers).toBe(0);
  });

  test('ends with the answer of what cannot be observed', async () => {
    const { upstream, base } = await setUp(echo);
    const told = new Promise((resolve) =>
      upstream.observe(ask(`${base}/x`), listenerOf({ end: (answer) => resolve(said(answer)) })),
    );
    expect(await told).toBe('2.05 GET  /x  7 0');
  });

  test('is there for clients too, where the host is listed', async () => {
    const { router, base } = await setUp(echo, () => []);
    for (const proxyUri of [`${base}/x`, 'coap://127.0.0.1/%zz', undefined]) {
      const told = new Promise((resolve) =>
        router.outside.observe(
          { ...ask(''), proxyUri },
          listenerOf({ end: (answer) => resolve(said(answer)) }),
        ),
      );
      expect(await told).toMatch(/^4\.03 HOST_NOT_LISTED|^4\.00 BAD_REQUEST/);
    }
  });

  test('that is closed before it began asks nobody', async () => {
    let asked = 0;
    const { upstream, base } = await setUp(() => {
      asked += 1;
      return { code: code.content };
    });
    upstream.observe(ask(`${base}/x`), listenerOf({})).close();
    await upstream.request(ask(`${base}/y`));
    expect(asked).toBe(1);
  });
});

describe('the list of hosts', () => {
  test.each([
    ['coap://[::1]:7/x', ['::1'], true],
    ['coap://[::1]:7/x', ['[::1]:7'], true],
    ['coap://[::1]:7/x', ['[::1]:8'], false],
    ['coap://Meter.Example/x', ['meter.example'], true],
    ['coap://meter.example/x', ['METER.example:5683'], true],
    ['coap://meter.example./x', ['meter.example'], false],
    ['coap://0x7f.1/x', ['127.0.0.1'], false],
  ])('of %s: %j is %s', (uri, hosts, listed) => {
    expect(isListed(hosts, parseOutsideUri(uri))).toBe(listed);
  });
});

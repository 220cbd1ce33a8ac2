/** Every path of the route table, with every method, by every kind of caller: who may do what. */
import { createCoapContext, formatCode } from '@radon/bridge/coap';
import { openUdpClient } from '@radon/bridge/link';
import { method as coapMethod } from '@radon/bridge/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScratch, type RunningCommand, type Scratch } from '../cli/command.ts';
import { type HttpPeer, openHttpPeer } from '../support/http-client.ts';

const rights = ['read', 'write', 'admin'] as const;
type Right = (typeof rights)[number];
const methods = ['GET', 'HEAD', 'OPTIONS', 'QUERY', 'POST', 'PUT', 'DELETE', 'PATCH'];
const safe = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY']);
/** What stands in the places of a path of the table. */
const places: Readonly<Record<string, string>> = {
  node: 'gauge-1',
  name: 'rain',
  rt: 'radon.node',
  uri: 'coap://127.0.0.1:1/x',
  path: 'x',
};

let project: Scratch;
let bridge: RunningCommand;
let http: HttpPeer;
let coapPort: number;
/** Paths of the table, as the bridge itself tells of them, with what they allow. */
const served = new Map<string, readonly string[]>();
const tokens = new Map<Right, string>();

beforeAll(async () => {
  project = openScratch();
  await project.radon('emu', 'start', 'gauge-1', '--emulator', 'posix');
  for (const right of rights) tokens.set(right, await createToken(right));
  const ports = ['--port', '0', '--coap-port', '0', '--coap-host', '0.0.0.0', '--rate-limit', '0'];
  bridge = project.start('bridge', '--require-token', ...ports);
  await bridge.until(/gauge-1: up/);
  const [url] = await bridge.until(/http:\/\/127\.0\.0\.1:\d+/);
  coapPort = Number((await bridge.until(/coap:\/\/0\.0\.0\.0:(\d+)/))[1]);
  http = openHttpPeer(url);
  const { body } = await http.ask('/openapi.json', { headers: bearer('read') });
  const { paths } = JSON.parse(body) as { readonly paths: object };
  for (const path of Object.keys(paths).map(fill)) {
    const { headers } = await http.ask(path, { method: 'OPTIONS', headers: bearer('read') });
    served.set(path, String(headers.allow).split(', '));
  }
  expect(served.size).toBeGreaterThan(30);
});
afterAll(async () => {
  http?.close();
  await project?.close();
});

async function createToken(right: Right): Promise<string> {
  const { stdout } = await project.radon('tokens', 'create', `may-${right}`, '--right', right);
  return stdout.split('\n', 1)[0] ?? '';
}

const fill = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => places[name] ?? name);
const bearer = (right: Right) => ({ authorization: `Bearer ${tokens.get(right)}` });

/** As docs/reference/http.md#tokens says it, not as the table does. */
function rightFor(method: string, path: string): Right | undefined {
  const isFile = path === '/' || path.startsWith('/dashboard/');
  if (isFile || path === '/healthz' || path === '/readyz') return undefined;
  // Any token will do to get a cookie for it.
  if (path === '/session') return method === 'DELETE' || method === 'OPTIONS' ? undefined : 'read';
  const [, below = ''] = /^\/nodes\/[^/]+\/(.*)/.exec(path) ?? [];
  const isSnapshot = /^atoms\/[^/]+\/snapshot/.test(below);
  if (safe.has(method)) return isSnapshot && method !== 'OPTIONS' ? 'admin' : 'read';
  return /^(atoms|images|firmware|keys|lease|time)(\/|$)/.test(below) ? 'admin' : 'write';
}

const mayNot = (has: Right, needs: Right) => rights.indexOf(has) < rights.indexOf(needs);

/** How a caller is told that it may not; undefined for anything else that is said. */
async function refusal(method: string, path: string, headers: Record<string, string>) {
  const { status, title } = await http.ask(path, { method, headers });
  if (status === 401) return title ?? (method === 'HEAD' ? 'TOKEN_REQUIRED' : undefined);
  if (status === 403 && method === 'HEAD' && path.startsWith('/nodes')) return 'RIGHT_MISSING';
  return title === 'RIGHT_MISSING' ? title : undefined;
}

describe('HTTP', () => {
  it.each(methods)('%s needs the right that is written down, at every path', async (method) => {
    const wrong: string[] = [];
    for (const [path, allowed] of served) {
      // Where a path has no such method, whoever may read is told so; files have no secrets.
      const isServed = allowed.includes(method);
      const needs = isServed ? rightFor(method, path) : rightFor('GET', path) && 'read';
      const check = async (who: string, headers: Record<string, string>, expected: string | undefined) => {
        const told = await refusal(method, path, headers);
        if (told !== expected) wrong.push(`${path} for ${who}: ${told} in place of ${expected}`);
      };
      if (isServed) await check('nobody', {}, needs && 'TOKEN_REQUIRED');
      for (const right of rights) {
        const expected = needs !== undefined && mayNot(right, needs) ? 'RIGHT_MISSING' : undefined;
        await check(right, bearer(right), expected);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    '//atoms/rain',
    '/%2Fatoms/rain',
    '/atoms%2Frain',
    '/ATOMS/rain',
    '/atoms;/rain',
    '/atoms%00/rain',
    '/./atoms/rain',
    '/a/../atoms/rain',
    '/a/%2e%2e/atoms/rain',
  ])('no way leads round to what needs admin: %s', async (detour) => {
    for (const node of ['gauge-1', 'bridge']) {
      const headers = { ...bearer('write'), 'content-type': 'application/json' };
      const asked = { method: 'POST', headers, body: '{"command":"stop"}' };
      const { status, title } = await http.ask(`/nodes/${node}${detour}`, asked);
      expect([status, title]).toSatisfy(
        ([code, name]) => (code === 404 && name === 'NOT_FOUND') || (code === 400 && name === 'BAD_REQUEST'),
      );
    }
  });

  it('a token counts in no other place', async () => {
    const token = tokens.get('admin') ?? '';
    const elsewhere = [
      { cookie: `radon-session=${token}` },
      { cookie: `token=${token}` },
      { authorization: `Basic ${token}` },
      { authorization: token },
      { 'x-api-key': token },
      { 'sec-websocket-protocol': token },
      { authorization: `Bearer ${token}, Bearer x` },
    ];
    for (const headers of elsewhere)
      expect(await http.ask('/nodes', { headers })).toMatchObject({ status: 401 });
    const inBody = { method: 'POST', body: `token=${token}` };
    expect(await http.ask('/session', inBody)).toMatchObject({ status: 401, title: 'TOKEN_REQUIRED' });
    expect(await http.ask(`/nodes?token=${token}`)).toMatchObject({ status: 400, title: 'TOKEN_IN_QUERY' });
  });
});

describe('CoAP for the whole network', () => {
  const unsafe = ['POST', 'PUT', 'DELETE', 'PATCH', 'IPATCH'] as const;

  async function withClient(
    use: (
      ask: (name: keyof typeof coapMethod, path: string, proxied?: string) => Promise<string>,
    ) => Promise<void>,
  ) {
    const client = createCoapContext(await openUdpClient({ host: '127.0.0.1', port: coapPort }));
    try {
      await use(async (name, path, proxyUri) => {
        const proxy = { number: 35, value: new TextEncoder().encode(proxyUri) };
        const options = proxyUri === undefined ? [] : [proxy];
        const segments = path.split('/').slice(1);
        const code = coapMethod[name];
        return formatCode((await client.request({ method: code, path: segments, options })).code);
      });
    } finally {
      await client.close();
    }
  }

  it('changes nothing at any path', async () => {
    await withClient(async (ask) => {
      const asked = [...served.keys(), '/rd', '/rd/0', '/.well-known/rd', '/rd-lookup/ep'];
      for (const path of asked) {
        for (const name of unsafe) expect(`${path} ${await ask(name, path)}`).toBe(`${path} 4.03`);
      }
    });
  });

  it('changes nothing through its proxy either', async () => {
    await withClient(async (ask) => {
      for (const uri of ['coap://gauge-1/atoms/rain', `coap://0.0.0.0:${coapPort}/nodes/gauge-1/io/led0`])
        for (const name of unsafe) expect(await ask(name, '', uri)).toBe('4.03');
    });
  });

  it('tells nobody the memory of an atom', async () => {
    const snapshot = '/nodes/gauge-1/atoms/rain/snapshot';
    await withClient(async (ask) => {
      expect(await ask('GET', snapshot)).toBe('4.03');
      expect(await ask('FETCH', snapshot)).toBe('4.03');
      expect(await ask('GET', `${snapshot}/x`)).toBe('4.03');
      expect(await ask('GET', '', 'coap://gauge-1/atoms/rain/snapshot')).toBe('4.03');
      expect(await ask('GET', '', `coap://0.0.0.0:${coapPort}${snapshot}`)).toBe('4.03');
    });
  });
});

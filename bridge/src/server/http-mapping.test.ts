/** The mapping of HTTP over sockets: a bridge, a node on UDP and a server that is none. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from '@readme/openapi-parser';
import { afterEach, describe, expect, test } from 'vitest';
import { type CoapHandler, createCoapContext } from '../coap/index.ts';
import { waitUntilUp } from '../device/index.ts';
import { encodeFields } from '../fields/index.ts';
import { openUdpServer } from '../link/index.ts';
import { createBridge } from './index.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const body = 'radon\n'.repeat(1_000);
const utf8 = new TextEncoder();
const links = '</node>;ct="50 60";obs,</a/rain/level>;rt="rainfall";ct="112 110";obs;title="Level"';

const handler: CoapHandler = (request) => {
  if (request.path === '/node')
    return { code: 0x45, payload: encodeFields({ uptimeMs: 5 }), contentFormat: 60 };
  if (request.path === '/.well-known/core')
    return { code: 0x45, payload: utf8.encode(links), contentFormat: 40, maxAge: 0 };
  if (request.path === '/log') return { code: 0x45, payload: utf8.encode(body), contentFormat: 0, maxAge: 0 };
  if (request.path === '/asked')
    return { code: 0x45, payload: Uint8Array.of(request.code), contentFormat: 42, maxAge: 0 };
  return { code: 0x84 };
};

async function open() {
  const link = await openUdpServer({ host: '127.0.0.1' });
  const server = createCoapContext(link, { handler });
  const radonFolder = mkdtempSync(join(tmpdir(), 'radon-mapping-'));
  const { localPort: port } = link;
  const bridge = await createBridge({
    radonFolder,
    port: 0,
    coapPort: 0,
    boardPort: 0,
    emulatedBoards: false,
    requestHosts: [`127.0.0.1:${port}`],
    udpBoards: [{ name: 'far', host: '127.0.0.1', port }],
  });
  closers.push(
    () => rmSync(radonFolder, { recursive: true, force: true }),
    () => server.close(),
    () => bridge.close(),
  );
  const far = bridge.registry.get('far');
  if (far !== undefined) await waitUntilUp(far, 2_000);
  return { url: bridge.url, outside: `${bridge.url}/hc/coap://127.0.0.1:${port}`, port };
}

describe('over sockets', () => {
  test('a body of several blocks comes whole and without a length', async () => {
    const { url, outside } = await open();
    for (const base of [`${url}/nodes/far`, outside]) {
      const reply = await fetch(`${base}/log`);
      expect(reply.headers.get('content-length')).toBeNull();
      expect(await reply.text()).toBe(body);
    }
  });

  test('QUERY is FETCH, at a node and at a server outside', async () => {
    const { url, outside } = await open();
    const query = { method: 'QUERY', body: 'x', headers: { 'content-type': 'text/plain' } };
    for (const base of [`${url}/nodes/far`, outside]) {
      const reply = await fetch(`${base}/asked`, query);
      expect([...new Uint8Array(await reply.arrayBuffer())]).toEqual([5]);
    }
  });

  test('a server outside that is not listed is 403', async () => {
    const { url } = await open();
    const reply = await fetch(`${url}/hc/coap://127.0.0.1:9/x`);
    expect(reply.status).toBe(403);
    expect(await reply.json()).toMatchObject({ title: 'HOST_NOT_LISTED' });
  });

  test('the description of a running bridge is valid and has the resources of its node', async () => {
    const { url } = await open();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const description = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(description.paths).toMatchObject({
      '/nodes/far/a/rain/level': { get: { summary: 'Level' }, 'x-rt': ['rainfall'] },
    });
    expect(await validate(description as unknown as Parameters<typeof validate>[0])).toMatchObject({
      valid: true,
    });
  });
});

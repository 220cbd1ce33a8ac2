/** A bridge that listens for the whole network. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTokenStore } from '../access/index.ts';
import { createCoapContext, formatCode } from '../coap/index.ts';
import { openUdpClient } from '../link/index.ts';
import { type Bridge, createBridge } from './bridge.ts';

let folder: string;
const bridges: Bridge[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-open-'));
});
afterEach(async () => {
  for (const bridge of bridges.splice(0)) await bridge.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One that has four requests a party. */
async function open() {
  const bridge = await createBridge({
    radonFolder: folder,
    host: '0.0.0.0',
    coapHost: '0.0.0.0',
    port: 0,
    coapPort: 0,
    emulatedBoards: false,
    rateLimit: 2,
  });
  bridges.push(bridge);
  const url = bridge.url.replace('0.0.0.0', '127.0.0.1');
  const ask = (path: string, token: string, method = 'GET') =>
    fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  return { bridge, ask };
}

const auditLog = () =>
  readFileSync(join(folder, 'audit.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('HTTP asks for tokens, limits each of them and logs what they change', async () => {
  const { bridge, ask } = await open();
  const token = openTokenStore(folder).create('wall', 'read');
  const asked: number[] = [];
  for (let count = 0; count < 5; count += 1) asked.push((await ask('/nodes', token)).status);
  expect(asked).toEqual([200, 200, 200, 200, 429]);
  expect((await ask('/m/rain', bridge.token ?? '', 'POST')).status).toBe(404);
  expect((await ask('/m/rain', 'guess', 'POST')).status).toBe(401);
  const common = { time: expect.any(String), client: '127.0.0.1', method: 'POST', path: '/m/rain' };
  expect(auditLog()).toEqual([
    { ...common, who: 'bridge', status: 404 },
    { ...common, status: 401 },
  ]);
});

test('a file of tokens that cannot be read is told of at the start', async () => {
  writeFileSync(join(folder, 'tokens.json'), '{');
  await expect(open()).rejects.toThrow(/tokens\.json cannot be read as a list/);
});

test('CoAP reads, within the limit of the address, and what was to be changed is logged', async () => {
  const { bridge } = await open();
  const port = Number(new URL(bridge.coap).port);
  const client = createCoapContext(await openUdpClient({ host: '127.0.0.1', port }));
  try {
    const ask = async (method: number, path: string) =>
      formatCode((await client.request({ method, path })).code);
    expect(await ask(2, '/m/rain')).toBe('4.03');
    for (let count = 0; count < 3; count += 1) expect(await ask(1, '/nodes')).toBe('2.05');
    expect(await ask(1, '/nodes')).toBe('4.29');
    expect(auditLog()).toMatchObject([
      { client: '127.0.0.1', method: 'POST', path: '/m/rain', status: '4.03' },
    ]);
  } finally {
    await client.close();
  }
});

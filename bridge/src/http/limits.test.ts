import { expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { type AuditEntry, createAccess, createRateLimit } from '../access/index.ts';
import { createRegistry } from '../registry/registry.ts';
import { createHttpHandler } from './handler.ts';

function setUp(burst = 1_000) {
  const changes: AuditEntry[] = [];
  const registry = createRegistry();
  registry.add(createScriptedNode('gauge-1', () => response(0x44)));
  const handle = createHttpHandler({
    registry,
    messages: { request: async () => response(0x44) },
    access: createAccess({ tokens: { list: () => [] }, ownToken: 'own' }),
    rateLimit: createRateLimit({ perSecond: 1, burst, now: () => 0 }),
    onChange: (entry) => changes.push(entry),
  });
  const send = async (client: string, token: string, method = 'GET', target = '/nodes') =>
    handle({
      method,
      target,
      headers: { host: '127.0.0.1', ...(token !== '' && { authorization: `Bearer ${token}` }) },
      body: new Uint8Array(0),
      client,
      signal: new AbortController().signal,
    });
  const statuses = async (count: number, client: string, token: string) => {
    const seen: number[] = [];
    for (let at = 0; at < count; at += 1) seen.push((await send(client, token)).status);
    return seen;
  };
  return { send, statuses, changes };
}

test('a token from an address, and an address without one, have their own limits', async () => {
  const { send, statuses } = setUp(2);
  expect(await statuses(3, '192.0.2.7', 'guess')).toEqual([401, 401, 429]);
  expect(await statuses(1, '192.0.2.7', '')).toEqual([429]);
  expect(await statuses(3, '192.0.2.7', 'own')).toEqual([200, 200, 429]);
  expect(await statuses(1, '192.0.2.8', 'own')).toEqual([200]);
  const reply = await send('192.0.2.7', 'own');
  expect(reply.headers['retry-after']).toBe('1');
  expect(JSON.parse(String(reply.body))).toMatchObject({ title: 'RATE_LIMITED', details: { limit: 1 } });
});

test('opening sessions and asking for health is limited too', async () => {
  const { send } = setUp(2);
  expect((await send('192.0.2.7', 'guess', 'POST', '/session')).status).toBe(401);
  expect((await send('192.0.2.7', '', 'GET', '/healthz')).status).toBe(200);
  expect((await send('192.0.2.7', 'own', 'POST', '/session')).status).toBe(429);
});

test('every change is told with who asked for it and what came of it, reads are not', async () => {
  const { send, changes } = setUp();
  const client = '192.0.2.7';
  await send(client, 'own');
  await send(client, 'own', 'QUERY', '/nodes/gauge-1/a');
  await send(client, 'own', 'PUT', '/nodes/gauge-1/io/led0?unit=1');
  await send(client, 'guess', 'DELETE', '/nodes/gauge-1/atoms/rain');
  await send(client, '', 'POST', '/m/rain?token=own');
  await send(client, 'own', 'PUT', '/nodes/nowhere/io');
  expect(changes).toEqual([
    { who: 'bridge', client, method: 'PUT', path: '/nodes/gauge-1/io/led0', status: 204 },
    { client, method: 'DELETE', path: '/nodes/gauge-1/atoms/rain', status: 401 },
    { client, method: 'POST', path: '/m/rain', status: 400 },
    { who: 'bridge', client, method: 'PUT', path: '/nodes/nowhere/io', status: 404 },
  ]);
});

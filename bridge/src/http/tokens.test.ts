import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createAccess, type StoredToken, type TokenRight, tokenRights } from '../access/index.ts';
import { createRegistry } from '../registry/registry.ts';
import { createHttpHandler } from './handler.ts';
import type { HttpReply } from './message.ts';

const stored = (right: TokenRight): StoredToken => ({
  name: `may-${right}`,
  right,
  digest: createHash('sha256').update(right).digest(),
  created: 1,
});

/** A bridge with three tokens, each called as the right it has. */
function setUp(options: { readonly isOpen?: boolean; readonly isSecure?: boolean } = {}) {
  const tokens = new Set(tokenRights.map(stored));
  const access = createAccess({ tokens: { list: () => [...tokens] } });
  const registry = createRegistry();
  const links = response(0x45, '</atoms/rain>;rt="radon.atom",</a/rain/level>;rt="rain"', 40);
  const node = createScriptedNode('gauge-1', ({ path }) =>
    path[0] === '.well-known' ? links : response(0x45, 'fine', 0),
  );
  registry.add(node);
  const handle = createHttpHandler({
    registry,
    messages: { request: async () => response(0x44) },
    ...(options.isOpen ? {} : { access }),
    ...(options.isSecure && { isSecure: true }),
  });
  const send = (method: string, target: string, headers: Record<string, string> = {}) =>
    handle({
      method,
      target,
      headers: { host: '127.0.0.1', ...headers },
      body: new Uint8Array(0),
      signal: new AbortController().signal,
    });
  const as = (token: string, method: string, target: string) =>
    send(method, target, { authorization: `Bearer ${token}` });
  const revoke = () => tokens.clear();
  return { send, as, revoke, node };
}

const titleOf = ({ body }: HttpReply) => (JSON.parse(String(body)) as { title: string }).title;
const cookieOf = ({ headers }: HttpReply) => (headers['set-cookie'] ?? '').split(';')[0] ?? '';

test.each([
  ['GET', '/nodes', 'read'],
  ['GET', '/nodes/gauge-1/a/rain/level', 'read'],
  ['QUERY', '/nodes/gauge-1/a/rain/level', 'read'],
  ['GET', '/nodes/gauge-1/atoms/rain', 'read'],
  ['GET', '/openapi.json', 'read'],
  ['PUT', '/nodes/gauge-1/io/led0', 'write'],
  ['POST', '/nodes/gauge-1/a/rain', 'write'],
  ['POST', '/m/rain', 'write'],
  ['PUT', '/nodes/gauge-1/atoms/rain', 'admin'],
  ['POST', '/nodes/gauge-1/atoms/rain', 'admin'],
  ['POST', '/nodes/gauge-1/%61toms/rain', 'admin'],
  ['DELETE', '/nodes/gauge-1/atoms/rain/', 'admin'],
  ['PUT', '/nodes/gauge-1/images/00', 'admin'],
  ['PUT', '/nodes/gauge-1/firmware', 'admin'],
  ['PUT', '/nodes/gauge-1/keys', 'admin'],
  ['PUT', '/nodes/gauge-1/lease', 'admin'],
  ['PUT', '/nodes/gauge-1/time', 'admin'],
  ['GET', '/nodes/gauge-1/atoms/rain/snapshot', 'admin'],
  ['GET', '/nodes/gauge-1/atoms/rain/snapshot/', 'admin'],
] as const)('%s %s needs %s', async (method, target, needed) => {
  const { as, node } = setUp();
  for (const right of tokenRights) {
    const may = tokenRights.indexOf(right) >= tokenRights.indexOf(needed);
    const before = node.requests.length;
    const reply = await as(right, method, target);
    if (may) {
      expect([401, 403]).not.toContain(reply.status);
      continue;
    }
    expect(reply).toMatchObject({
      status: 403,
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    });
    expect(JSON.parse(String(reply.body))).toMatchObject({
      title: 'RIGHT_MISSING',
      detail: `This needs the right ${needed}; the token may-${right} has ${right}.`,
    });
    expect(node.requests).toHaveLength(before);
  }
});

test('nobody controls a node that is not named', async () => {
  const { as, node } = setUp();
  expect((await as('write', 'POST', '/services/rain')).status).toBe(200);
  const reply = await as('admin', 'POST', '/services/radon.atom');
  expect([reply.status, titleOf(reply)]).toEqual([403, 'FORBIDDEN_HERE']);
  expect(node.requests.filter(({ path }) => path[0] === 'atoms' && path.length > 1)).toEqual([]);
});

test('no token and a wrong one are told apart', async () => {
  const { send, as } = setUp();
  expect(titleOf(await send('GET', '/nodes'))).toBe('TOKEN_REQUIRED');
  for (const authorization of ['Basic read', 'Bearer', 'Bearer read write'])
    expect(titleOf(await send('GET', '/nodes', { authorization }))).toBe('TOKEN_REQUIRED');
  const reply = await as('guess', 'GET', '/nodes');
  expect(reply).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
  expect(titleOf(reply)).toBe('TOKEN_UNKNOWN');
});

test.each([{ isOpen: false }, { isOpen: true }])('a token in the address is refused: %j', async (options) => {
  const { send } = setUp(options);
  for (const target of [
    '/nodes?token=read',
    '/nodes?x&token=read',
    '/?access_token=read',
    '/healthz?Token=',
  ]) {
    const reply = await send('GET', target, { authorization: 'Bearer read' });
    expect([reply.status, titleOf(reply)]).toEqual([400, 'TOKEN_IN_QUERY']);
  }
  const { status } = await send('GET', '/nodes/gauge-1/a?my-token=1', { authorization: 'Bearer read' });
  expect(status).toBe(200);
});

test('a browser gets a cookie that no script reads and no other site sends', async () => {
  const { send, as, revoke } = setUp();
  const opened = await as('read', 'POST', '/session');
  expect(opened).toMatchObject({ status: 204, headers: { 'cache-control': 'no-store' } });
  expect(opened.headers['set-cookie']).toMatch(
    /^radon-session=[\w-]{32}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  );
  const cookie = `theme=dark; ${cookieOf(opened)}; x=1`;
  expect(JSON.parse(String((await send('GET', '/session', { cookie })).body))).toEqual({
    name: 'may-read',
    right: 'read',
  });
  expect((await send('PUT', '/nodes/gauge-1/io/led0', { cookie })).status).toBe(403);
  expect(titleOf(await send('GET', '/nodes', { cookie, authorization: 'Bearer guess' }))).toBe(
    'TOKEN_UNKNOWN',
  );
  revoke();
  expect(titleOf(await send('GET', '/nodes', { cookie }))).toBe('TOKEN_REQUIRED');
});

test('a session ends when it is signed out', async () => {
  const { send, as } = setUp();
  const cookie = cookieOf(await as('admin', 'POST', '/session'));
  const ended = await send('DELETE', '/session', { cookie });
  expect(ended.headers['set-cookie']).toMatch(/^radon-session=; Path=\/; Max-Age=0;/);
  expect((await send('GET', '/nodes', { cookie })).status).toBe(401);
  expect((await send('DELETE', '/session')).status).toBe(204);
});

test('no session without a token, for a cookie, or for a page from elsewhere', async () => {
  const { send, as } = setUp();
  const cookie = cookieOf(await as('read', 'POST', '/session'));
  const origin = 'http://evil.example';
  const authorization = 'Bearer read';
  expect(titleOf(await send('POST', '/session'))).toBe('TOKEN_REQUIRED');
  expect(titleOf(await send('POST', '/session', { cookie }))).toBe('TOKEN_REQUIRED');
  expect(titleOf(await as('guess', 'POST', '/session'))).toBe('TOKEN_UNKNOWN');
  expect(titleOf(await send('POST', '/session', { authorization, origin }))).toBe('ORIGIN_NOT_ALLOWED');
  expect(titleOf(await send('DELETE', '/session', { cookie, origin }))).toBe('ORIGIN_NOT_ALLOWED');
});

test('over TLS the cookie goes no other way', async () => {
  const { as } = setUp({ isSecure: true });
  expect((await as('read', 'POST', '/session')).headers['set-cookie']).toMatch(/; Secure$/);
});

test('where no token is asked for, everybody may all and gets no cookie', async () => {
  const { send } = setUp({ isOpen: true });
  expect(JSON.parse(String((await send('GET', '/session')).body))).toEqual({ right: 'admin' });
  expect((await send('POST', '/session')).headers['set-cookie']).toBeUndefined();
  expect((await send('PUT', '/nodes/gauge-1/atoms/rain')).status).toBe(200);
});

test('what one has read a hundred times, another may still not', async () => {
  const { send, as, revoke } = setUp();
  const snapshot = '/nodes/gauge-1/atoms/rain/snapshot';
  for (let time = 0; time < 100; time += 1) await as('admin', 'GET', snapshot);
  expect((await as('read', 'GET', snapshot)).status).toBe(403);
  expect((await send('GET', snapshot)).status).toBe(401);
  revoke();
  expect((await as('admin', 'GET', snapshot)).status).toBe(401);
});

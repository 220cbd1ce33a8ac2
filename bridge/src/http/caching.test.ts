/** What the cache in front of nodes means for HTTP clients. */
import { expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createCache } from '../cache/index.ts';
import { createRegistry } from '../registry/registry.ts';
import { encodeSenmlCbor } from '../senml/index.ts';
import { createHttpHandler } from './handler.ts';

function setUp() {
  let time = 0;
  const registry = createRegistry(createCache({ now: () => time }));
  const etag = Uint8Array.of(0xab);
  const node = createScriptedNode('gauge-1', ({ accept }) =>
    accept === 0 ? response(0x86) : { ...response(0x45, '[{"v":1}]', 110), maxAge: 30, etag },
  );
  registry.add(node);
  const messages = { request: async () => response(0x44) };
  const handle = createHttpHandler({ registry, messages });
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    handle({
      method,
      target: '/nodes/gauge-1/x',
      headers: { host: '127.0.0.1', ...headers },
      body: new Uint8Array(0),
      signal: new AbortController().signal,
    });
  const pass = (ms: number) => {
    time += ms;
  };
  return { node, get, pass };
}

test('a kept answer carries its age, and none where the node was asked', async () => {
  const { get, node, pass } = setUp();
  expect((await get()).headers).not.toHaveProperty('age');
  pass(12_000);
  expect((await get()).headers).toMatchObject({ age: '12', 'cache-control': 'max-age=30', etag: '"ab"' });
  expect((await get({}, 'HEAD')).headers.age).toBe('12');
  expect(node.requests).toHaveLength(1);
});

test.each(['no-cache', 'no-store', 'max-age=0', 'Max-Age=0, private', 'private,NO-CACHE'])(
  'Cache-Control: %s asks the node',
  async (control) => {
    const { get, node } = setUp();
    await get();
    expect((await get({ 'cache-control': control })).headers).not.toHaveProperty('age');
    expect(node.requests).toHaveLength(2);
  },
);

test.each(['max-age=05', 'no-transform', 'x-no-cache'])('Cache-Control: %s does not', async (control) => {
  const { get, node } = setUp();
  await get();
  await get({ 'cache-control': control });
  expect(node.requests).toHaveLength(1);
});

test('a client that holds the kept answer gets 304, without the node', async () => {
  const { get, node } = setUp();
  await get();
  expect(await get({ 'if-none-match': '"ab"' })).toMatchObject({ status: 304, headers: { age: '0' } });
  expect(await get({ 'if-none-match': '"cd"' })).toMatchObject({ status: 200 });
  expect(node.requests).toHaveLength(1);
});

test('a kept answer reads the same every time, as JSON and as it is', async () => {
  const registry = createRegistry(createCache());
  const payload = encodeSenmlCbor([{ n: 'level', v: 1.5 }]);
  registry.add(createScriptedNode('gauge-1', () => ({ ...response(0x45, payload, 112), maxAge: 30 })));
  const handle = createHttpHandler({ registry, messages: { request: async () => response(0x44) } });
  const get = async (accept: string) => {
    const headers = { host: '127.0.0.1', accept };
    const { signal } = new AbortController();
    const body = new Uint8Array(0);
    return (await handle({ method: 'GET', target: '/nodes/gauge-1/x', headers, body, signal })).body;
  };
  for (const _ of [1, 2, 3]) expect(await get('*/*')).toBe('[{"n":"level","v":1.5}]');
  expect(await get('application/senml+cbor')).toEqual(payload);
});

test('the same GET again and again has the present age, and the node is asked when it is over', async () => {
  const { get, node, pass } = setUp();
  const ages: (string | undefined)[] = [];
  for (let second = 0; second < 33; second += 1) {
    const replies = [await get(), await get({ accept: '*/*' }), await get()];
    expect(replies).toEqual([expect.objectContaining({ status: 200 }), replies[2], replies[2]]);
    ages.push(replies[2]?.headers.age);
    pass(1_000);
  }
  expect(ages).toEqual([...Array.from({ length: 30 }, (_, age) => `${age}`), '0', '1', '2']);
  expect(node.requests).toHaveLength(2);
});

test('what was said before is not said again to who asks otherwise, nor after a change', async () => {
  const { get, node } = setUp();
  for (let time = 0; time < 3; time += 1) await get();
  expect(await get({ 'if-none-match': '"ab"' })).toMatchObject({ status: 304 });
  expect(await get({}, 'HEAD')).toMatchObject({ status: 200 });
  expect((await get({ 'cache-control': 'no-cache' })).headers).not.toHaveProperty('age');
  expect((await get({ accept: 'text/plain' })).status).toBe(406);
  const asked = node.requests.length;
  await get();
  expect(node.requests).toHaveLength(asked);
  await get({}, 'POST');
  expect((await get()).headers).not.toHaveProperty('age');
  expect(node.requests).toHaveLength(asked + 2);
});

test('a node that came in the place of another is asked itself', async () => {
  const registry = createRegistry(createCache());
  const handle = createHttpHandler({ registry, messages: { request: async () => response(0x44) } });
  const ask = async () => {
    const [headers, body] = [{ host: '127.0.0.1' }, new Uint8Array(0)];
    const { signal } = new AbortController();
    const reply = await handle({ method: 'GET', target: '/nodes/gauge-1/x', headers, body, signal });
    return [reply.status, String(Buffer.from(reply.body as Uint8Array))];
  };
  const addNode = (says: string) =>
    registry.add(createScriptedNode('gauge-1', () => ({ ...response(0x45, says, 0), maxAge: 30 })));
  addNode('first');
  for (let time = 0; time < 3; time += 1) expect(await ask()).toEqual([200, 'first']);
  await registry.remove('gauge-1');
  expect((await ask())[0]).toBe(404);
  addNode('second');
  for (let time = 0; time < 3; time += 1) expect(await ask()).toEqual([200, 'second']);
});

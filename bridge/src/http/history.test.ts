/** `?since=&limit=` over HTTP. */
import { expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createHistory } from '../history/index.ts';
import { createRegistry } from '../registry/registry.ts';
import { decodeSenmlCbor, encodeSenmlCbor } from '../senml/index.ts';
import { createHttpHandler } from './handler.ts';

const path = '/nodes/gauge-1/a/rain/level';

function setUp() {
  let time = 1_700_000_000;
  const history = createHistory({ clock: () => time * 1000 });
  const registry = createRegistry(history);
  const node = createScriptedNode('gauge-1', () => response(0x45, 'the node', 0));
  registry.add(node);
  const messages = { request: async () => response(0x44) };
  const handle = createHttpHandler({ registry, messages, history });
  const get = async (target: string, headers: Record<string, string> = {}) => {
    const all = { host: '127.0.0.1', ...headers };
    const body = new Uint8Array(0);
    return handle({ method: 'GET', target, headers: all, body, signal: new AbortController().signal });
  };
  registry
    .get('gauge-1')
    ?.observe(
      { method: 1, path: ['a', 'rain', 'level'], query: [], payload: new Uint8Array(0) },
      { next() {}, lost() {}, back() {}, end() {} },
    );
  for (const v of [1, 2, 3]) {
    time += 1;
    node.notify(response(0x45, encodeSenmlCbor([{ n: 'level', u: 'mm', v }]), 112));
  }
  const records = [1, 2, 3].map((v) => ({ n: 'level', u: 'mm', v, t: 1_700_000_000 + v }));
  return { get, records };
}

test('answers observed readings as a SenML pack', async () => {
  const { get, records } = setUp();
  const reply = await get(`${path}?since=1700000001&limit=10`);
  expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/senml+json' } });
  expect(JSON.parse(String(reply.body))).toEqual(records.slice(1));
  for (const [query, expected] of [
    ['since=', records],
    ['limit=1', records.slice(2)],
    ['since=-1.5', records.slice(1)],
    ['since=-1.5&limit=1', records.slice(2)],
  ] as const) {
    expect(JSON.parse(String((await get(`${path}?${query}`)).body))).toEqual(expected);
  }
});

test('answers in the format that is asked for', async () => {
  const { get, records } = setUp();
  const reply = await get(`${path}?since=`, { accept: 'application/senml+cbor' });
  expect(reply.headers['content-type']).toBe('application/senml+cbor');
  expect(decodeSenmlCbor(reply.body as Uint8Array)).toEqual(records);
  expect(await get(`${path}?since=`, { accept: 'text/html' })).toMatchObject({ status: 406 });
});

test.each(['since=yesterday', 'since=1e99', 'limit=0', 'limit=1001', 'limit=-1', 'limit=1.5'])(
  '%s is refused',
  async (query) => {
    const { get } = setUp();
    expect(await get(`${path}?${query}`)).toMatchObject({ status: 400 });
  },
);

test.each([
  [path, ''],
  ['another query', '?since=1&unit=mm'],
  ['an argument without value', '?since'],
])('leaves %s to the node', async (_, query) => {
  const { get } = setUp();
  expect((await get(path + query)).body).toEqual(new TextEncoder().encode('the node'));
});

test('leaves a resource of which nothing is kept to the node', async () => {
  const { get } = setUp();
  expect(await get('/nodes/gauge-1/a/rain/other?since=yesterday')).toMatchObject({ status: 200 });
});

import { afterEach, expect, test } from 'vitest';
import { type Answer, createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { type ClientRequest, type CoapResponse, createCoapContext, formatCode } from '../coap/index.ts';
import { decodeFields, decodeForeignCbor } from '../fields/index.ts';
import { createMemoryLinks } from '../link/index.ts';
import { decodeProblem, RadonError } from '../problem/index.ts';
import { createRegistry } from '../registry/index.ts';
import { createRouter } from '../router/index.ts';
import { createServices } from '../services/index.ts';
import { createCoapFace } from './index.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Two nodes with a rain gauge; the first is asked first. */
function open(first: Answer, second: Answer = () => response(0x45, 'second', 0)) {
  const links = '</a/rain/level>;rt="rainfall",</time>;rt="clock"';
  const nodeOf = (name: string, answer: Answer) =>
    createScriptedNode(name, (request) =>
      request.path[0] === '.well-known' ? response(0x45, links, 40) : answer(request),
    );
  const registry = createRegistry({ tags: new Map([['gauge-2', ['roof']]]) });
  const nodes = [nodeOf('gauge-1', first), nodeOf('gauge-2', second)] as const;
  for (const node of nodes) registry.add(node);
  const router = createRouter({ registry: createRegistry() });
  const [near, far] = createMemoryLinks();
  const face = createCoapFace({
    registry,
    services: createServices(registry),
    messages: router.outside,
    servers: router.servers,
    isOwn: () => false,
    isReadOnly: false,
  });
  const [server, client] = [createCoapContext(far, face), createCoapContext(near)];
  closers.push(
    () => registry.close(),
    () => router.close(),
    () => server.close(),
    () => client.close(),
  );
  async function ask(path: string, request: Partial<ClientRequest> = {}) {
    const { code, payload } = await client.request({ method: 1, path, ...request });
    const text = new TextDecoder().decode(payload);
    return { code: formatCode(code), text, payload, title: decodeProblem(payload)?.title };
  }
  const askedOf = (index: 0 | 1) =>
    nodes[index].requests.filter(({ path }) => path[0] !== '.well-known').map(({ method }) => method);
  function observe(path: string, request: Partial<ClientRequest> = {}) {
    const told: string[] = [];
    const tell = ({ code, payload }: CoapResponse) =>
      told.push(`${formatCode(code)} ${new TextDecoder().decode(payload)}`);
    const lost = (reason: CoapResponse | Error) => reason instanceof Error || tell(reason);
    const observation = client.observe({ method: 1, path, ...request }, { next: tell, lost });
    return { told, close: () => observation.cancel() };
  }
  return { ask, askedOf, observe, nodes, registry };
}

test('lists resource types as links', async () => {
  const { ask } = open(() => response(0x45));
  expect((await ask('/services')).text).toBe(
    '</services/clock>;rt="clock",</services/rainfall>;rt="rainfall"',
  );
  expect((await ask('/services', { query: ['rt=rain*'] })).text).toBe('</services/rainfall>;rt="rainfall"');
  expect((await ask('/services', { accept: 60 })).title).toBe('NOT_ACCEPTABLE');
});

test('a read that one provider fails goes to the next', async () => {
  const { ask } = open(() => {
    throw new RadonError('NODE_UNREACHABLE', { name: 'gauge-1' });
  });
  expect(await ask('/services/rainfall')).toMatchObject({ code: '2.05', text: 'second' });
});

test('a change goes to one provider, once', async () => {
  const { ask, askedOf } = open(() => response(0xa0));
  expect((await ask('/services/rainfall', { method: 2 })).code).toBe('5.00');
  expect([askedOf(0), askedOf(1)]).toEqual([[2], []]);
});

test('what controls a node is not changed without its name', async () => {
  const { ask, askedOf } = open(() => response(0x44));
  expect((await ask('/services/clock', { method: 3 })).title).toBe('FORBIDDEN_HERE');
  expect(askedOf(0)).toEqual([]);
});

test('nobody has it, or it is more than this', async () => {
  const { ask } = open(() => response(0x45));
  expect((await ask('/services/none')).title).toBe('NOT_FOUND');
  expect((await ask('/services/rainfall/x')).title).toBe('NOT_FOUND');
  expect((await ask('/services', { method: 2 })).title).toBe('METHOD_NOT_ALLOWED');
  expect((await ask('/services/rainfall', { method: 2, query: ['all'] })).title).toBe('BAD_REQUEST');
});

test('an observer is told by the next provider where one is lost', async () => {
  const { observe, nodes } = open(() => response(0x45, 'first', 0));
  const { told, close } = observe('/services/rainfall');
  await expect.poll(() => told).toEqual(['2.05 first']);
  nodes[0].notify(response(0x45, 'newer', 0));
  nodes[0].setLink('lost');
  await expect.poll(() => told.slice(1)).toEqual(['2.05 newer', '2.05 second']);
  expect(nodes.map(({ observers }) => observers.length)).toEqual([0, 1]);
  close();
  await expect.poll(() => nodes[1].observers).toEqual([]);
});

test('an observer of what nobody has is told so', async () => {
  const { observe } = open(() => response(0x45));
  const { told } = observe('/services/none');
  await expect.poll(() => told).toEqual([expect.stringMatching(/^4\.04/)]);
});

test('what every provider says is a document, which can be observed', async () => {
  const { ask, observe, nodes } = open(() => response(0x45, 'first', 0));
  const query = ['all', 'tag=roof'];
  const document = {
    rt: 'rainfall',
    count: 1,
    providers: [{ href: '/nodes/gauge-2/a/rain/level', value: 'second' }],
  };
  const { payload } = await ask('/services/rainfall', { query });
  expect(decodeForeignCbor(payload)).toEqual(document);
  expect(JSON.parse((await ask('/services/rainfall', { query, accept: 50 })).text)).toEqual(document);
  expect((await ask('/services/rainfall', { query, accept: 112 })).title).toBe('NOT_ACCEPTABLE');
  const { told } = observe('/services/rainfall', { query, accept: 50 });
  await expect.poll(() => told).toHaveLength(1);
  nodes[1].notify(response(0x45, 'third', 0));
  await expect.poll(() => told.at(-1), { timeout: 5_000 }).toContain('"value":"third"');
});

test('the states of nodes are told when one is lost, is back or goes', async () => {
  const { observe, nodes, registry } = open(() => response(0x45));
  const [all, one] = [observe('/nodes', { accept: 50 }), observe('/nodes/gauge-1', { accept: 50 })];
  await expect.poll(() => [all.told.length, one.told.length]).toEqual([1, 1]);
  nodes[0].setLink('lost', 'no answer');
  const lost = '"name":"gauge-1","kind":"device","link":"lost"';
  await expect
    .poll(() => [all.told.at(-1), one.told.at(-1)].map((told) => told?.includes(lost)))
    .toEqual([true, true]);
  await registry.remove('gauge-1');
  await expect.poll(() => one.told.at(-1)).toMatch(/^4\.04/);
  await expect.poll(() => all.told.at(-1)).not.toContain('gauge-1');
});

test('tags choose nodes and resource types', async () => {
  const { ask } = open(() => response(0x45, 'first', 0));
  expect((await ask('/services/rainfall', { query: ['tag=roof'] })).text).toBe('second');
  expect((await ask('/services/rainfall', { query: ['tag=roof', 'tag=x'] })).title).toBe('NOT_FOUND');
  expect((await ask('/services', { query: ['tag=roof', 'rt=clock'] })).text).toContain('clock');
  expect((await ask('/services', { query: ['tag=x'] })).text).toBe('');
  const { payload } = await ask('/nodes', { query: ['tag=roof'] });
  expect(decodeFields(payload)).toMatchObject([{ name: 'gauge-2', tags: ['roof'] }]);
});

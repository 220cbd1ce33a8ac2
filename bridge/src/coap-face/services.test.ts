import { afterEach, expect, test } from 'vitest';
import { type Answer, createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { type ClientRequest, createCoapContext, formatCode } from '../coap/index.ts';
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
  const registry = createRegistry();
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
  return { ask, askedOf };
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
  expect((await ask('/services/rainfall', { query: ['all'] })).title).toBe('BAD_REQUEST');
});

import { afterEach, expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createCoapContext } from '../coap/index.ts';
import { silentLogger } from '../device/index.ts';
import { createDirectory, parseParameters } from '../directory/index.ts';
import { openUdpServer } from '../link/index.ts';
import { createRegistry } from '../registry/index.ts';
import { createRouter } from '../router/index.ts';
import { followDirectory } from './foreign-nodes.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const light = new TextEncoder().encode('</light>;rt=lux');

/** A CoAP server of other make that writes down what it is asked. */
async function openServer() {
  const asked: string[] = [];
  const link = await openUdpServer();
  const server = createCoapContext(link, {
    handler(request) {
      asked.push(`${request.code} ${request.path}`);
      return { code: 0x45, payload: new TextEncoder().encode('7') };
    },
  });
  closers.push(() => server.close());
  return { asked, from: { address: '127.0.0.1', port: link.localPort } };
}

function open() {
  const registry = createRegistry();
  const isNameTaken = (name: string) => registry.get(name) !== undefined;
  const directory = createDirectory({ allowedHosts: [], isNameTaken });
  closers.push(
    () => registry.close(),
    () => directory.close(),
    followDirectory({ directory, registry, logger: silentLogger }),
  );
  return { registry, directory };
}

const get = (...path: string[]) => ({ method: 1, path, query: [], payload: new Uint8Array(0) });

test('a registration is a node, which is asked for nothing but what clients ask for', async () => {
  const { asked, from } = await openServer();
  const { registry, directory } = open();
  const { id } = directory.register(parseParameters(['ep=lamp']), light, from);
  const node = registry.get('lamp');
  await expect.poll(() => node?.state()).toMatchObject({ kind: 'foreign', link: 'up' });
  expect(asked).toEqual([]);
  expect(new TextDecoder().decode((await node?.request(get('light')))?.payload)).toBe('7');
  const links = node && (await registry.links(node));
  expect(links).toEqual([{ href: '/light', attributes: { rt: 'lux' } }]);
  expect(asked).toEqual(['1 /light']);
  directory.remove(id, from);
  expect(registry.get('lamp')).toBeUndefined();
});

test('a registration at another place is another node of the same name', async () => {
  const [one, two] = [await openServer(), await openServer()];
  const { registry, directory } = open();
  directory.register(parseParameters(['ep=lamp']), light, one.from);
  const before = registry.get('lamp');
  directory.register(parseParameters(['ep=lamp']), light, two.from);
  expect(registry.get('lamp')).not.toBe(before);
  await expect.poll(() => registry.get('lamp')?.state().link).toBe('up');
  await registry.get('lamp')?.request(get('light'));
  await expect.poll(() => two.asked).toEqual(['1 /light']);
  expect(one.asked).toEqual([]);
});

test('new links of the same place are told, and the node stays', async () => {
  const { from } = await openServer();
  const { registry, directory } = open();
  directory.register(parseParameters(['ep=lamp']), light, from);
  const node = registry.get('lamp');
  directory.register(parseParameters(['ep=lamp']), new TextEncoder().encode('</dim>'), from);
  expect(registry.get('lamp')).toBe(node);
  await expect.poll(() => node && registry.links(node)).toEqual([{ href: '/dim', attributes: {} }]);
});

test('a node of the same name that comes later ends the registration', async () => {
  const { from } = await openServer();
  const { registry, directory } = open();
  directory.register(parseParameters(['ep=gauge']), light, from);
  await registry.remove('gauge');
  registry.add(createScriptedNode('gauge', () => response(0x45)));
  expect(directory.list()).toEqual([]);
  expect(registry.get('gauge')?.state().kind).toBe('device');
});

test('messages to names that nobody has do not wait for a server that never answers', async () => {
  const { registry, directory } = open();
  const router = createRouter({ registry });
  closers.push(() => router.close());
  directory.register(parseParameters(['ep=dead']), light, { address: '127.0.0.1', port: 9 });
  const message = { method: 2, path: ['m', 'nobody'], query: [], payload: new Uint8Array(1) };
  expect((await router.outside.request(message)).code).toBe(0x84);
});

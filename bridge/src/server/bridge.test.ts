import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createCoapBoard } from '../../../test/support/coap-board.ts';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { listenSocketBoard } from '../../../test/support/socket-board.ts';
import { type CoapClient, createCoapContext, formatCode, option } from '../coap/index.ts';
import { createCoapFace } from '../coap-face/index.ts';
import { sha256 } from '../crypto/index.ts';
import { createDevice, pushImage, waitUntilUp } from '../device/index.ts';
import { decodeFields } from '../fields/index.ts';
import type { Image } from '../image/index.ts';
import { createMemoryLinks, openUdpClient, openUdpServer } from '../link/index.ts';
import { decodeProblem, RadonError } from '../problem/index.ts';
import { recordProcess } from '../process/index.ts';
import { createRegistry, type UpstreamRequest } from '../registry/index.ts';
import { createRouter } from '../router/index.ts';
import { type Bridge, type BridgeOptions, createBridge, readBridgeRecord } from './index.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'radon-bridge-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function open(options: Partial<BridgeOptions> = {}): Promise<Bridge & { readonly folder: string }> {
  const folder = options.radonFolder ?? makeFolder();
  const bridge = await createBridge({ radonFolder: folder, port: 0, coapPort: 0, boardPort: 0, ...options });
  closers.push(() => bridge.close());
  return { ...bridge, folder };
}

async function openClient(base: string) {
  const { hostname, port } = new URL(base);
  const client = createCoapContext(await openUdpClient({ host: hostname, port: Number(port) }));
  closers.push(() => client.close());
  return client;
}

function startBoard(folder: string, name: string, socket: string, pid = process.pid): void {
  const own = join(folder, 'emu', name);
  mkdirSync(own, { recursive: true });
  const state = {
    name,
    ...recordProcess(pid),
    emulator: 'qemu',
    board: 'netduinoplus2',
    socket,
    flash: '',
  };
  writeFileSync(join(own, 'state.json'), JSON.stringify(state));
}

describe('the record of a running bridge', () => {
  test('says where it is, to its owner only, and goes with it', async () => {
    const bridge = await open();
    const file = join(bridge.folder, 'run', 'bridge.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readBridgeRecord(bridge.folder)).toEqual({
      ...recordProcess(process.pid),
      url: bridge.url,
      coap: bridge.coap,
    });
    await bridge.close();
    await bridge.close();
    expect(existsSync(file)).toBe(false);
  });

  test('a stale one is replaced', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'run'));
    const file = join(folder, 'run', 'bridge.json');
    writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: 'long ago', url: 'x', coap: 'y' }), {
      mode: 0o644,
    });
    expect(readBridgeRecord(folder)).toBeUndefined();
    const bridge = await open({ radonFolder: folder });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ url: bridge.url });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('a bridge that listens beyond loopback has a token in it', async () => {
    const bridge = await open({ host: '0.0.0.0' });
    const url = bridge.url.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${url}/nodes`)).status).toBe(401);
    const token = readBridgeRecord(bridge.folder)?.token;
    expect((await fetch(`${url}/nodes`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });
});

describe('emulated boards', () => {
  test('are found, reached over HTTP and CoAP, and forgotten when their folder goes', async () => {
    const bridge = await open();
    const socket = join(bridge.folder, 'gauge-1.sock');
    const board = await listenSocketBoard(socket);
    closers.push(() => board.close());
    startBoard(bridge.folder, 'gauge-1', socket);
    await expect.poll(async () => (await fetch(`${bridge.url}/nodes/gauge-1/node`)).status).toBe(200);
    expect(await (await fetch(`${bridge.url}/nodes/gauge-1/node`)).json()).toMatchObject({
      name: 'gauge-1',
      nstart: 2,
    });
    const client = await openClient(bridge.coap);
    const nodes = decodeFields((await client.request({ method: 1, path: '/nodes' })).payload);
    expect(nodes).toMatchObject([{ name: 'gauge-1', kind: 'device', link: 'up', address: `unix:${socket}` }]);
    const state = await client.request({ method: 1, path: '/nodes/gauge-1/node' });
    expect(decodeFields(state.payload)).toMatchObject({ name: 'gauge-1' });
    rmSync(join(bridge.folder, 'emu', 'gauge-1'), { recursive: true });
    await expect
      .poll(async () => (await fetch(`${bridge.url}/nodes/gauge-1`)).status, { timeout: 3_000 })
      .toBe(404);
  });

  test('stay the same node, on the same UDP port, when another process runs them on the same socket', async () => {
    const bridge = await open();
    const socket = join(bridge.folder, 'gauge-1.sock');
    const board = await listenSocketBoard(socket);
    closers.push(() => board.close());
    const first = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    await once(first, 'spawn');
    startBoard(bridge.folder, 'gauge-1', socket, first.pid);
    await expect.poll(() => bridge.registry.get('gauge-1')).toBeDefined();
    const node = bridge.registry.get('gauge-1');
    first.kill('SIGKILL');
    await once(first, 'exit');
    startBoard(bridge.folder, 'gauge-1', socket);
    await expect.poll(async () => (await fetch(`${bridge.url}/nodes/gauge-1/node`)).status).toBe(200);
    expect(bridge.registry.get('gauge-1')).toBe(node);
  });

  test('have a UDP port of their own that passes reads and refuses control', async () => {
    const folder = makeFolder();
    const socket = join(folder, 'gauge-1.sock');
    const board = await listenSocketBoard(socket);
    closers.push(() => board.close());
    startBoard(folder, 'gauge-1', socket);
    const bridge = await open({ radonFolder: folder });
    const node = bridge.registry.get('gauge-1');
    if (node === undefined) throw new Error('no board');
    await waitUntilUp(node, 2_000);
    const client = await openClient(node.state().coap ?? '');
    expect(decodeFields((await client.request({ method: 1, path: '/node' })).payload)).toMatchObject({
      name: 'gauge-1',
    });
    const refused = await client.request({ method: 2, path: '/atoms/rain' });
    expect(decodeProblem(refused.payload)?.title).toBe('FORBIDDEN_HERE');
    expect(board.board()?.requests).not.toContain('2 /atoms/rain');
    await bridge.close();
    const freed = await openUdpServer({ port: Number(new URL(node.state().coap ?? '').port) });
    await freed.close();
  });

  test('a name that is taken stays with the node that has it', async () => {
    const said: string[] = [];
    const say = (text: string) => said.push(text);
    const udpBoards = [1, 2].map((port) => ({ name: 'far', host: '127.0.0.1', port }));
    const bridge = await open({ udpBoards, logger: { debug: say, info: say, warn: say, error: say } });
    expect(bridge.registry.list().map((node) => node.state().address)).toEqual(['udp:127.0.0.1:1']);
    expect(said).toContainEqual(expect.stringContaining('two nodes are named far'));
  });

  test('a record of a process that is gone is no board', async () => {
    const folder = makeFolder();
    const own = join(folder, 'emu', 'old');
    mkdirSync(own, { recursive: true });
    writeFileSync(
      join(own, 'state.json'),
      JSON.stringify({ name: 'old', pid: 1, startTime: '0', socket: '/none' }),
    );
    writeFileSync(join(folder, 'emu', 'junk'), '{');
    const bridge = await open({ radonFolder: folder });
    expect(bridge.registry.list()).toEqual([]);
  });
});

describe('nodes on UDP', () => {
  test('are proxied', async () => {
    const far = await openUdpServer();
    const board = createCoapBoard(far);
    closers.push(() => board.context.close());
    const bridge = await open({ udpBoards: [{ name: 'far', host: '127.0.0.1', port: far.localPort }] });
    await expect.poll(async () => (await fetch(`${bridge.url}/nodes/far/node`)).status).toBe(200);
    const reply = await fetch(`${bridge.url}/nodes/far/none`);
    expect(reply.status).toBe(404);
    expect(await reply.json()).toMatchObject({ title: 'NOT_FOUND' });
  });
});

describe('the CoAP face', () => {
  const code = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251);
  const digest = sha256(code);

  test('takes a push piece by piece, also from the middle', async () => {
    const bridge = await open();
    const socket = join(bridge.folder, 'board.sock');
    const board = await listenSocketBoard(socket, { codeBytes: code.length, digest });
    closers.push(() => board.close());
    startBoard(bridge.folder, 'gauge-1', socket);
    const { hostname, port } = new URL(bridge.coap);
    const client = await openClient(bridge.coap);
    await expect
      .poll(async () => (await client.request({ method: 1, path: '/nodes/gauge-1/node' })).code)
      .toBe(0x45);
    const link = await openUdpClient({ host: hostname, port: Number(port) });
    const device = createDevice({
      name: 'gauge-1',
      link,
      createClient: (own) => below(createCoapContext(own)),
    });
    closers.push(() => device.close());
    await waitUntilUp(device, 2_000);
    (board.board()?.stored as number[] | undefined)?.push(...code.subarray(0, 1_024));
    const image = {
      manifestFile: digest,
      manifest: { name: 'rain', payloads: [{ digest }] },
      code,
    } as unknown as Image;
    expect(await pushImage(device, image)).toMatchObject({ sent: 1_976 });
    expect(Uint8Array.from(board.board()?.stored ?? [])).toEqual(code);
  });

  function openFace(answer: Parameters<typeof createScriptedNode>[1], isReadOnly = false) {
    const registry = createRegistry();
    const node = createScriptedNode('gauge-1', answer);
    registry.add(node);
    const sent: UpstreamRequest[] = [];
    const messages = {
      async request(request: UpstreamRequest) {
        sent.push(request);
        return response(0x44);
      },
    };
    const router = createRouter({ registry: createRegistry() });
    const [near, far] = createMemoryLinks();
    const errors: unknown[] = [];
    const server = createCoapContext(far, {
      ...createCoapFace({ registry, messages, servers: router.servers, isOwn: () => false, isReadOnly }),
      onHandlerError: (error) => errors.push(error),
    });
    const client = createCoapContext(near);
    closers.push(
      () => client.close(),
      () => server.close(),
      () => router.close(),
      () => registry.close(),
    );
    const titleOf = async (request: Parameters<typeof client.request>[0]) => {
      const reply = await client.request(request);
      return decodeProblem(reply.payload)?.title ?? formatCode(reply.code);
    };
    return { client, node, registry, errors, titleOf, sent };
  }

  test('takes messages from outside, and nothing that only nodes send', async () => {
    const { sent, node, titleOf } = openFace(() => response(0x44));
    const post = (path: string, contentFormat?: number) =>
      titleOf({ method: 2, path, payload: Uint8Array.of(1), ...(contentFormat && { contentFormat }) });
    expect(await post('/m/rain~2')).toBe('2.04');
    expect(sent).toMatchObject([{ method: 2, path: ['m', 'rain~2'], payload: Uint8Array.of(1) }]);
    expect(await post('/nodes/gauge-1/m/rain', 60)).toBe('2.04');
    expect(await post('/nodes/gauge-1/m/rain', 65_000)).toBe('FORBIDDEN_HERE');
    expect(node.requests).toHaveLength(1);
  });

  test('passes options and answers both ways', async () => {
    const { client, node } = openFace(() => ({
      ...response(0x41, 'made', 0),
      etag: Uint8Array.of(5),
      maxAge: 9,
      location: ['a', 'x', '1'],
    }));
    const reply = await client.request({
      method: 2,
      path: ['nodes', 'gauge-1', 'a', 'x/y'],
      query: ['q=1'],
      payload: Uint8Array.of(1),
      contentFormat: 42,
      ifMatch: [Uint8Array.of(7)],
    });
    expect(node.requests).toMatchObject([
      {
        method: 2,
        path: ['a', 'x/y'],
        query: ['q=1'],
        payload: Uint8Array.of(1),
        contentFormat: 42,
        ifMatch: [Uint8Array.of(7)],
      },
    ]);
    expect(reply).toMatchObject({ code: 0x41, etag: Uint8Array.of(5), maxAge: 9 });
    expect(reply.message.stringsOf(option.locationPath)).toEqual(['nodes', 'gauge-1', 'a', 'x', '1']);
  });

  test('names what is wrong', async () => {
    const { titleOf, errors } = openFace(({ path }) => {
      if (path[0] === 'lost') throw new RadonError('NODE_UNREACHABLE', { name: 'gauge-1' });
      throw new TypeError('a bug');
    });
    expect(await titleOf({ method: 1, path: '/nodes/none/x' })).toBe('NO_SUCH_NODE');
    expect(await titleOf({ method: 1, path: '/none' })).toBe('NOT_FOUND');
    expect(await titleOf({ method: 3, path: '/nodes' })).toBe('METHOD_NOT_ALLOWED');
    expect(await titleOf({ method: 4, path: '/nodes/gauge-1' })).toBe('METHOD_NOT_ALLOWED');
    expect(await titleOf({ method: 1, path: '/nodes', accept: 42 })).toBe('NOT_ACCEPTABLE');
    expect(await titleOf({ method: 1, path: '/.well-known/core', accept: 42 })).toBe('NOT_ACCEPTABLE');
    expect(await titleOf({ method: 1, path: '/nodes/gauge-1/lost' })).toBe('NODE_UNREACHABLE');
    expect(errors).toEqual([]);
    expect(await titleOf({ method: 1, path: '/nodes/gauge-1/bug' })).toBe('5.00');
    expect(errors).toHaveLength(1);
  });

  test('only reads where it must not change anything', async () => {
    const { titleOf, node } = openFace(() => response(0x45), true);
    for (const method of [2, 3, 4, 6]) {
      expect(await titleOf({ method, path: '/nodes/gauge-1/a/x' })).toBe('FORBIDDEN_HERE');
    }
    expect(node.requests).toEqual([]);
    expect(await titleOf({ method: 1, path: '/nodes/gauge-1/a/x' })).toBe('2.05');
  });

  test('lists the tree, filtered', async () => {
    const { client } = openFace(() => response(0x45, '</a/rain/level>;rt="rainfall"', 40));
    const reply = await client.request({ method: 1, path: '/.well-known/core', query: ['rt=rainfall'] });
    expect(new TextDecoder().decode(reply.payload)).toBe('</nodes/gauge-1/a/rain/level>;rt="rainfall"');
    const json = await client.request({ method: 1, path: '/nodes/gauge-1', accept: 50 });
    expect(JSON.parse(new TextDecoder().decode(json.payload))).toMatchObject({ name: 'gauge-1', link: 'up' });
  });

  test('observers share one observation and hear every change', async () => {
    const { client, node, registry } = openFace(() => response(0x45, '1', 0));
    const told: string[] = [];
    const observe = () =>
      client.observe(
        { method: 1, path: '/nodes/gauge-1/a/rain/level' },
        { next: (reply) => told.push(new TextDecoder().decode(reply.payload)) },
      );
    const [first, second] = [observe(), observe()];
    await expect.poll(() => told).toEqual(['1', '1']);
    expect(node.observers).toHaveLength(1);
    node.notify(response(0x45, '2', 0));
    await expect.poll(() => told).toEqual(['1', '1', '2', '2']);
    first.cancel();
    second.cancel();
    await expect.poll(() => registry.observations.size).toBe(0);
  });

  test('what cannot be observed is answered as a GET, without Observe', async () => {
    const { client, node, registry } = openFace(() => response(0x45, '1', 0));
    node.observe = (_, listener) => {
      queueMicrotask(() => listener.end(response(0x45, 'once', 0)));
      return { close: () => undefined };
    };
    const told: (number | undefined)[] = [];
    const observation = client.observe(
      { method: 1, path: '/nodes/gauge-1/io' },
      { next: ({ message }) => told.push(message.observe) },
    );
    await expect.poll(() => told).toEqual([undefined]);
    expect(registry.observations.size).toBe(0);
    observation.cancel();
  });

  test('an observation that a node ends without an error ends with one', async () => {
    const { client, node } = openFace(() => response(0x45, '1', 0));
    const lost: string[] = [];
    const observation = client.observe(
      { method: 1, path: '/nodes/gauge-1/a/x' },
      {
        next: () => undefined,
        lost: (reason) => 'payload' in reason && lost.push(titleOfProblem(reason.payload)),
      },
    );
    await expect.poll(() => node.observers).toHaveLength(1);
    node.observers[0]?.listener.end(response(0x45, 'no more', 0));
    await expect.poll(() => lost).toEqual(['NOT_OBSERVABLE']);
    observation.cancel();
  });

  test("one client's entity tags are not asked for all observers", async () => {
    const { client, node } = openFace(() => response(0x45, '1', 0));
    const observation = client.observe(
      { method: 1, path: '/nodes/gauge-1/a/x', etags: [Uint8Array.of(1)] },
      { next: () => undefined },
    );
    await expect.poll(() => node.observers).toHaveLength(1);
    expect(node.observers[0]?.request.etags).toBeUndefined();
    observation.cancel();
  });
});

test('every board has a UDP port, however many there are and whatever else is taken', async () => {
  const taken = await openUdpServer();
  closers.push(() => taken.close());
  const serialBoards = Array.from({ length: 24 }, (_, index) => ({
    name: `gauge-${index}`,
    path: '/dev/null',
  }));
  const one = await open({ boardPort: taken.localPort, serialBoards });
  const other = await open({ boardPort: taken.localPort, serialBoards });
  const ports = [one, other].flatMap(({ registry }) => registry.list().map((node) => node.state().coap));
  expect(new Set(ports).size).toBe(2 * serialBoards.length);
  expect(ports).toContain(`coap://127.0.0.1:${taken.localPort + 1}`);
});

function titleOfProblem(payload: Uint8Array): string {
  return decodeProblem(payload)?.title ?? '';
}

/** The tree of a node as the bridge shows it. */
function below(client: CoapClient): CoapClient {
  const path = (own: string | readonly string[]) => ['nodes', 'gauge-1', ...own];
  return {
    request: (request, options) => client.request({ ...request, path: path(request.path) }, options),
    observe: (request, observer, options) =>
      client.observe({ ...request, path: path(request.path) }, observer, options),
    refreshObservations: () => client.refreshObservations(),
    ping: (options) => client.ping(options),
    setNstart: (nstart) => client.setNstart(nstart),
    counters: client.counters,
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** What must stay the same under many requests and many listeners; `npm run bench memory streams` does it in earnest. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCoapContext } from '../coap/index.ts';
import { openUdpClient } from '../link/index.ts';
import type { NodePort, ObservationListener } from '../registry/node.ts';
import { method } from '../tables/index.ts';
import { type Bridge, createBridge } from './bridge.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const value = (text: string) => ({ code: 69, payload: bytes(text), contentFormat: 0, maxAge: 60 });

/** A node in this process whose one reading changes when the test says so. */
function createNode() {
  const listeners = new Set<ObservationListener>();
  let observations = 0;
  const node: NodePort = {
    name: 'n',
    request: async (request) =>
      request.method === method.GET
        ? { code: 69, payload: bytes('hello'), contentFormat: 0, maxAge: 0 }
        : { code: 68, payload: bytes('') },
    observe({ path }, listener) {
      // The bridge itself observes what runs on a node and how its atoms are called.
      if (path[0] !== 'a') return { close: () => undefined };
      observations += 1;
      listeners.add(listener);
      queueMicrotask(() => listener.next(value('first')));
      return { close: () => listeners.delete(listener) };
    },
    state: () => ({ name: 'n', kind: 'device', link: 'up', address: 'here', since: 0 }),
    watch: () => () => undefined,
    close: async () => undefined,
  };
  const tell = (text: string) => {
    for (const listener of listeners) listener.next(value(text));
  };
  return { node, tell, observations: () => observations };
}

let folder: string;
let bridge: Bridge;
let reading: ReturnType<typeof createNode>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'radon-endurance-'));
  bridge = await createBridge({ radonFolder: folder, port: 0, coapPort: 0, emulatedBoards: false });
  reading = createNode();
  bridge.registry.add(reading.node);
});

afterEach(async () => {
  await bridge.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Bytes in use on the heap once everything that can go has gone. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

/** Calls `ask` so often, `atOnce` of them at any time. */
async function repeat(count: number, atOnce: number, ask: (at: number) => Promise<unknown>): Promise<void> {
  let asked = 0;
  const worker = async () => {
    while (asked < count) {
      asked += 1;
      await ask(asked);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function httpGet(url: string, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const done = (response: IncomingMessage) =>
      response.resume().on('end', () => resolve(response.statusCode));
    get(url, { agent }, done).on('error', reject);
  });
}

test('50,000 requests leave the heap as it was', { timeout: 240_000 }, async () => {
  const { hostname, port } = new URL(bridge.coap);
  const client = createCoapContext(await openUdpClient({ host: hostname, port: Number(port) }), {
    nstart: 32,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const path = ['nodes', 'n', 'a', 'rain', 'level'];
  let refused = 0;
  const coap = async (at: number) => {
    const isChange = at % 10 === 0;
    const request = isChange
      ? { method: method.PUT, path, payload: bytes('x') }
      : { method: method.GET, path };
    const { code } = await client.request({ ...request, query: [`q=${at}`] });
    refused += code === (isChange ? 68 : 69) ? 0 : 1;
  };
  const http = async (at: number) => {
    refused += (await httpGet(`${bridge.url}/${path.join('/')}?q=${at}`, agent)) === 200 ? 0 : 1;
  };
  const round = async (requests: number) => {
    await repeat(requests * 0.8, 32, coap);
    await repeat(requests * 0.2, 16, http);
    return heapBytes();
  };
  try {
    const warm = await round(20_000);
    const later = await round(30_000);
    expect(refused).toBe(0);
    expect(later - warm).toBeLessThan(4 * 2 ** 20);
  } finally {
    agent.destroy();
    await client.close();
  }
});

/** Values of the events of a stream as they come. */
function listen(url: string): Promise<{ readonly heard: string[]; close(): void }> {
  return new Promise((resolve, reject) => {
    const heard: string[] = [];
    const request = get(url, { agent: false, headers: { accept: 'text/event-stream' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (text + chunk).split('\n');
        text = lines.pop() ?? '';
        const data = lines.filter((line) => line.startsWith('data:'));
        heard.push(...data.map((line) => String(JSON.parse(line.slice(5)))));
      });
      resolve({ heard, close: () => request.destroy() });
    });
    request.on('error', reject);
  });
}

test('a hundred listeners of one reading are one observation, and each hears every value', async () => {
  const url = `${bridge.url}/nodes/n/a/rain/level`;
  const listeners = await Promise.all(Array.from({ length: 100 }, () => listen(url)));
  const values = Array.from({ length: 20 }, (_, at) => String(at));
  for (const [at, text] of values.entries()) {
    reading.tell(text);
    await expect.poll(() => listeners.every(({ heard }) => heard.length > at + 1)).toBe(true);
  }
  expect(reading.observations()).toBe(1);
  for (const { heard, close } of listeners) {
    expect(heard).toEqual(['first', ...values]);
    close();
  }
});

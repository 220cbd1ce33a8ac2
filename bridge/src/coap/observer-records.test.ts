import { afterEach, expect, test } from 'vitest';
import { openUdpClient, openUdpServer } from '../link/index.ts';
import { createCoapContext } from './index.ts';
import type { CoapReply } from './types.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server with one observable resource, as one process after the other opens it at the same port. */
async function openServer(value: string, port = 0) {
  const watchers = new Set<(reply: CoapReply) => void>();
  const replyOf = (text: string) => ({ code: 0x45, payload: new TextEncoder().encode(text) });
  const link = await openUdpServer({ port });
  const context = createCoapContext(link, {
    handler(request) {
      if (request.path !== '/value') return { code: 0x84 };
      const subscribe = (changed: (reply: CoapReply) => void) => {
        watchers.add(changed);
        return () => watchers.delete(changed);
      };
      return { ...replyOf(value), subscribe };
    },
  });
  closers.push(() => context.close());
  const say = (text: string) => {
    for (const changed of watchers) changed(replyOf(text));
  };
  return { context, port: link.localPort, say };
}

async function openClient(port: number) {
  const context = createCoapContext(await openUdpClient({ host: '127.0.0.1', port }));
  closers.push(() => context.close());
  return context;
}

/** What a client hears of a server that ends and is opened again. */
async function observeOverRestart() {
  const first = await openServer('one');
  const client = await openClient(first.port);
  const heard: string[] = [];
  client.observe(
    { method: 1, path: '/value' },
    { next: ({ payload }) => heard.push(new TextDecoder().decode(payload)) },
  );
  await expect.poll(() => heard).toEqual(['one']);
  first.say('two');
  await expect.poll(() => heard).toEqual(['one', 'two']);
  const records = first.context.observerRecords();
  await first.context.close();
  const second = await openServer('three', first.port);
  return { heard, client, records, second };
}

test('an observer of an earlier server hears what is now, and what follows, from the one that resumes it', async () => {
  const { heard, records, second } = await observeOverRestart();
  second.context.resumeObservers(records);
  await expect.poll(() => heard).toEqual(['one', 'two', 'three']);
  second.say('four');
  await expect.poll(() => heard.at(-1)).toBe('four');
  expect(second.context.observers).toBe(1);
  second.context.resumeObservers(records);
  expect(second.context.observers).toBe(1);
});

test('one that does not observe any more rejects it', async () => {
  const { client, records, second } = await observeOverRestart();
  await client.close();
  const successor = createCoapContext(await openUdpServer({ port: records[0]?.port ?? 0 }));
  closers.push(() => successor.close());
  second.context.resumeObservers(records);
  await expect.poll(() => second.context.observers).toBe(0);
  expect(second.context.counters.resets).toBeGreaterThan(0);
});

test('watchers hear who comes and goes', async () => {
  const server = await openServer('one');
  let changes = 0;
  const stop = server.context.watchObservers(() => {
    changes += 1;
  });
  const client = await openClient(server.port);
  const observation = client.observe({ method: 1, path: '/value' }, { next: () => undefined });
  await expect.poll(() => changes).toBe(1);
  observation.cancel();
  await expect.poll(() => changes).toBe(2);
  stop();
});

test.each([
  ['no message', Uint8Array.of(1, 2, 3)],
  ['an answer', Uint8Array.of(0x40, 0x45, 0, 1)],
  ['a GET without Observe', Uint8Array.of(0x40, 1, 0, 1)],
  ['a deregistration', Uint8Array.of(0x40, 1, 0, 1, 0x61, 1)],
  ['a POST', Uint8Array.of(0x40, 2, 0, 1, 0x60)],
])('a record of %s is left out', async (_, message) => {
  const { context } = await openServer('one');
  context.resumeObservers([{ address: '127.0.0.1', port: 9, message, sequence: 1 }]);
  expect(context.observers).toBe(0);
});

test('an observer of what is there no more hears that', async () => {
  const { context, port } = await openServer('one');
  const client = await openClient(port);
  const codes: number[] = [];
  client.observe(
    { method: 1, path: '/value' },
    {
      next: ({ code }) => codes.push(code),
      lost: (reason) => 'code' in reason && typeof reason.code === 'number' && codes.push(reason.code),
    },
  );
  await expect.poll(() => codes).toEqual([0x45]);
  const [record] = context.observerRecords();
  await context.close();
  const empty = createCoapContext(await openUdpServer({ port }));
  closers.push(() => empty.close());
  empty.resumeObservers(record === undefined ? [] : [record]);
  await expect.poll(() => codes.at(-1)).toBe(0x84);
  expect(empty.observers).toBe(0);
});

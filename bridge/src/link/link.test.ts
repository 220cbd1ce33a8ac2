import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../test/support/virtual-clock.ts';
import { createFramedLink } from './framed.ts';
import {
  createMemoryLinks,
  createReconnectingLink,
  type Link,
  type LinkState,
  openSerialLink,
  openStreamLink,
  openUdpClient,
  openUdpServer,
  serialTiming,
  udpTiming,
} from './index.ts';
import { type LinkPair, testLinkContract } from './link.contract.ts';
import { UdpEndpoints } from './udp-endpoints.ts';

let folder = '';
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'radon-link-'));
});

afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

let sockets = 0;

async function listenOn(at: { path: string } | { port: number; host: string }): Promise<Server> {
  const server = createServer();
  servers.push(server);
  server.listen(at);
  await once(server, 'listening');
  return server;
}

/** The accepting side of a stream, as an emulator is. */
function acceptedLink(socket: Socket): Link {
  return createFramedLink(
    'accepted',
    {
      write: (bytes) => socket.write(bytes),
      start(events) {
        socket.on('data', (bytes: Uint8Array) => events.data(bytes));
        socket.on('drain', () => events.drained());
        socket.on('error', () => undefined);
        socket.on('close', () => events.closed());
      },
      close: async () => void socket.destroy(),
    },
    serialTiming(115_200),
    true,
  );
}

async function openStreamPair(
  server: Server,
  to: Parameters<typeof openStreamLink>[0]['to'],
): Promise<LinkPair> {
  const accepted = once(server, 'connection');
  const near = await openStreamLink({ to });
  const [socket] = await accepted;
  return { near, far: acceptedLink(socket) };
}

async function openUnixPair(): Promise<LinkPair> {
  sockets += 1;
  const path = join(folder, `${sockets}.sock`);
  return openStreamPair(await listenOn({ path }), path);
}

async function openTcpPair(): Promise<LinkPair> {
  const server = await listenOn({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return openStreamPair(server, { host: '127.0.0.1', port: address.port });
}

async function openUdpPair(): Promise<LinkPair> {
  const far = await openUdpServer();
  return { near: await openUdpClient({ host: '127.0.0.1', port: far.localPort }), far };
}

async function openReconnectingPair(): Promise<LinkPair> {
  const [inner, far] = createMemoryLinks();
  const near = createReconnectingLink('again', async () => inner, {
    timing: serialTiming(115_200),
    firstDelayMs: 60_000,
  });
  return { near, far };
}

const lossless = { isLossless: true, noticesClose: true };
testLinkContract(
  'memory',
  async () => {
    const [near, far] = createMemoryLinks();
    return { near, far };
  },
  lossless,
);
testLinkContract(
  'memory with slipmux',
  async () => {
    const [near, far] = createMemoryLinks({ faults: { byteLoss: Number.MIN_VALUE } });
    return { near, far };
  },
  lossless,
);
testLinkContract('unix stream', openUnixPair, lossless);
testLinkContract('TCP stream', openTcpPair, lossless);
testLinkContract('UDP', openUdpPair, { isLossless: false, noticesClose: false });
testLinkContract('reconnecting', openReconnectingPair, lossless);

describe('timing', () => {
  it('follows docs/reference/wire.md at 115200 and 9600 baud', () => {
    const fast = serialTiming(115_200);
    expect([fast.ackTimeoutMs, Math.round(fast.exchangeLifetimeMs), fast.ackDelayMs]).toEqual([
      600, 13_950, 25,
    ]);
    expect(serialTiming(9_600).ackTimeoutMs).toBe(2 * 2_400 + 50);
  });

  it('is RFC 7252 section 4.8 on UDP', () => {
    expect(udpTiming).toMatchObject({
      ackTimeoutMs: 2_000,
      ackRandomFactor: 1.5,
      maxRetransmit: 4,
      exchangeLifetimeMs: 247_000,
    });
  });
});

describe('UDP link', () => {
  it('hands on what arrived together as one batch', async () => {
    const server = await openUdpServer();
    const sizes: number[] = [];
    server.attach({ datagrams: (batch) => sizes.push(batch.count) });
    const client = await openUdpClient({ host: '127.0.0.1', port: server.localPort });
    if (client.remote === undefined) throw new Error('no remote');
    for (let id = 0; id < 20; id += 1) client.send(client.remote, Uint8Array.of(0x40, 1, 0, id), 0, 4);
    await expect.poll(() => sizes.reduce((sum, size) => sum + size, 0)).toBe(20);
    expect(sizes.length).toBeLessThan(20);
    await client.close();
    await server.close();
  });

  it('goes on when nobody listens at the other port', async () => {
    const server = await openUdpServer();
    const client = await openUdpClient({ host: '127.0.0.1', port: server.localPort });
    await server.close();
    client.attach({ datagrams: () => undefined });
    if (client.remote === undefined) throw new Error('no remote');
    for (let id = 0; id < 3; id += 1) client.send(client.remote, Uint8Array.of(0x40, 1, 0, id), 0, 4);
    await expect.poll(() => client.counters.dropped).toBeGreaterThan(0);
    expect(client.state).toBe('up');
    await client.close();
  });

  it('drops what comes from port 0, where no answer can be sent', () => {
    const endpoints = new UdpEndpoints(8, false);
    expect(endpoints.get('127.0.0.1', 0)).toBeUndefined();
    expect(endpoints.size).toBe(0);
    expect(endpoints.get('127.0.0.1', 1)).toMatchObject({ port: 1 });
  });

  it('fails with the reason when the address is taken', async () => {
    const server = await openUdpServer();
    await expect(openUdpServer({ port: server.localPort })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await server.close();
  });
});

describe('stream link', () => {
  it('fails when there is no socket', async () => {
    await expect(openStreamLink({ to: join(folder, 'none') })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('passes on diagnostic text and counts bad frames', async () => {
    sockets += 1;
    const path = join(folder, `${sockets}.sock`);
    const server = await listenOn({ path });
    const accepted = once(server, 'connection');
    const link = await openStreamLink({ to: path });
    const [socket] = await accepted;
    const texts: string[] = [];
    link.attach({ datagrams: () => undefined, diagnostic: (text) => texts.push(text) });
    socket.write(Uint8Array.of(0xc0, 0x0a, 0x68, 0x69, 0xc0, 0xa9, 1, 2, 3, 4, 5, 0xc0));
    await expect.poll(() => [texts, link.counters.framesBad]).toEqual([['hi'], 1]);
    await link.close();
    socket.destroy();
  });
});

describe('serial link', () => {
  it('fails with the reason for a port that does not exist', async () => {
    await expect(openSerialLink({ path: join(folder, 'tty') })).rejects.toThrow(/tty|serialport/);
  });
});

describe('memory link', () => {
  it('takes as long as its baud rate says', async () => {
    const clock = createVirtualClock(1);
    const [near, far] = createMemoryLinks({ clock, faults: { baud: 9_600 } });
    const arrivals: number[] = [];
    far.attach({ datagrams: () => arrivals.push(clock.now()) });
    const bytes = new Uint8Array(96);
    if (near.remote === undefined) throw new Error('no remote');
    near.send(near.remote, bytes, 0, 96);
    near.send(near.remote, bytes, 0, 48);
    await clock.advanceTo(1_000);
    expect(arrivals).toEqual([100, 150]);
  });

  it('loses, repeats and reorders as often as asked, the same way for the same seed', async () => {
    const run = async (): Promise<number[]> => {
      const clock = createVirtualClock(42);
      const [near, far] = createMemoryLinks({
        clock,
        faults: { loss: 0.2, duplication: 0.1, reordering: 0.1 },
      });
      const ids: number[] = [];
      far.attach({ datagrams: (batch) => ids.push(batch.data[0]?.[3] ?? -1) });
      for (let id = 0; id < 250; id += 1) {
        if (near.remote !== undefined) near.send(near.remote, Uint8Array.of(0x40, 1, 0, id), 0, 4);
        await clock.advanceTo(clock.now() + 1);
      }
      await clock.advanceTo(clock.now() + 100);
      return ids;
    };
    const ids = await run();
    const distinct = new Set(ids).size;
    expect(distinct).toBeGreaterThan(180);
    expect(distinct).toBeLessThan(220);
    expect(ids.length - distinct).toBeGreaterThan(8);
    expect(ids.some((id, index) => id < (ids[index - 1] ?? -1))).toBe(true);
    expect(await run()).toEqual(ids);
  });
});

describe('reconnecting link', () => {
  it('comes back with growing delays, tells its states and keeps its endpoint', async () => {
    const clock = createVirtualClock(1);
    const opened: number[] = [];
    let far: Link | undefined;
    let refusals = 3;
    const open = async (): Promise<Link> => {
      opened.push(clock.now());
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('not there');
      }
      const [near, other] = createMemoryLinks({ clock });
      far = other;
      return near;
    };
    const link = createReconnectingLink('board', open, {
      clock,
      timing: serialTiming(115_200),
      maxDelayMs: 300,
    });
    const states: LinkState[] = [];
    const senders = new Set<unknown>();
    link.attach({
      datagrams: (batch) => senders.add(batch.from[0]),
      state: (state) => states.push(state),
    });
    await clock.advanceTo(2_000);
    expect(opened).toEqual([0, 100, 300, 600]);
    expect(states).toEqual(['down', 'down', 'down', 'up']);
    for (let round = 0; round < 2; round += 1) {
      if (far?.remote !== undefined) far.send(far.remote, Uint8Array.of(0x40, 0, 0, 1), 0, 4);
      await clock.advanceTo(clock.now() + 100);
      await far?.close();
      await clock.advanceTo(clock.now() + 2_000);
    }
    expect([...senders]).toEqual([link.remote]);
    expect(states.slice(4)).toEqual(['down', 'up', 'down', 'up']);
    expect(link.counters.datagramsIn).toBe(2);
    await link.close();
    expect(states.at(-1)).toBe('closed');
  });
});

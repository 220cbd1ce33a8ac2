import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { UdpClientOptions, UdpLink, UdpServerOptions } from './adapters.ts';
import { Batch, createLinkCounters } from './batch.ts';
import {
  createEndpoint,
  type Endpoint,
  type LinkEvents,
  type LinkState,
  type LinkTiming,
  onlyEndpoint,
  udpTiming,
} from './link.ts';
import { UdpEndpoints } from './udp-endpoints.ts';

/** Datagrams wait here while a batch is handled; the kernel doubles and caps it (net.core.rmem_max). */
const receiveBufferBytes = 2 << 20;
const endpointLimit = 65_536;
const coapPort = 5_683;
/**
 * Datagrams handed on at once, at most: the more, the less each costs; the fewer, the sooner the first is answered while
 * others still arrive. Half of what the last turn of the event loop brought, within these.
 */
const leastBatch = 8;
const mostBatch = 16;

/** A bound socket: datagrams from anywhere. */
export async function openUdpServer(options: UdpServerOptions = {}): Promise<UdpLink> {
  const host = options.host ?? '127.0.0.1';
  const socket = createUdpSocket(isIPv6(host));
  await reach(socket, 'listening', () => socket.bind({ address: host, port: options.port ?? 0 }));
  return new ServerLink(socket, options.timing ?? udpTiming, options.trusted === true);
}

/** A connected socket: the kernel keeps out other sources. */
export async function openUdpClient(options: UdpClientOptions): Promise<UdpLink> {
  const port = options.port ?? coapPort;
  const { address, family } = await lookup(options.host);
  const socket = createUdpSocket(family === 6);
  await reach(socket, 'connect', () => socket.connect(port, address));
  return new ClientLink(socket, options.timing ?? udpTiming, createEndpoint(address, port, false));
}

function createUdpSocket(isVersion6: boolean): Socket {
  return createSocket({
    type: isVersion6 ? 'udp6' : 'udp4',
    recvBufferSize: receiveBufferBytes,
    // Addresses are literals already: the default lookup would put every send off by a turn.
    lookup: (address, _options, done) => done(null, address, isVersion6 ? 6 : 4),
  });
}

/** The event may come before `begin` returns: the lookup answers at once. */
async function reach(socket: Socket, event: 'listening' | 'connect', begin: () => void): Promise<void> {
  try {
    const reached = once(socket, event);
    begin();
    await reached;
  } catch (error) {
    socket.close();
    throw error;
  }
}

abstract class SocketLink implements UdpLink {
  abstract readonly name: string;
  abstract readonly remote: Endpoint | undefined;
  readonly timing: LinkTiming;
  readonly counters = createLinkCounters();
  readonly localAddress: string;
  readonly localPort: number;
  state: LinkState = 'up';
  protected readonly socket: Socket;
  private readonly batch = new Batch();
  private events: LinkEvents | undefined;
  private isScheduled = false;
  private batchSize = leastBatch;
  private arrivedThisTurn = 0;

  constructor(socket: Socket, timing: LinkTiming) {
    this.socket = socket;
    this.timing = timing;
    const { address, port } = socket.address();
    this.localAddress = address;
    this.localPort = port;
    // An ICMP error (nobody listens there yet) is no reason to stop: CoAP retransmits.
    socket.on('error', () => this.dropped());
  }

  abstract endpoint(address: string, port: number): Endpoint;
  abstract send(to: Endpoint, bytes: Uint8Array, start: number, end: number): void;
  protected abstract sender(from: RemoteInfo): Endpoint | undefined;

  attach(events: LinkEvents): void {
    if (this.events !== undefined) throw new Error(`${this.name} has a receiver already`);
    this.events = events;
    this.socket.on('message', (data: Uint8Array, from: RemoteInfo) => this.receive(data, from));
  }

  /** What was read in one turn of the event loop is handed on together, a few at a time. */
  private receive(data: Uint8Array, from: RemoteInfo): void {
    const endpoint = this.sender(from);
    if (endpoint === undefined) {
      this.dropped();
      return;
    }
    this.counters.datagramsIn += 1;
    this.counters.bytesIn += data.length;
    this.batch.add(endpoint, data);
    this.arrivedThisTurn += 1;
    if (!this.isScheduled) this.deliverAfterAll();
    if (this.batch.count >= this.batchSize) this.deliver();
  }

  private deliverAfterAll(): void {
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.batchSize = Math.min(mostBatch, Math.max(leastBatch, this.arrivedThisTurn >> 1));
      this.arrivedThisTurn = 0;
      if (this.batch.count > 0) this.deliver();
    });
  }

  private deliver(): void {
    if (this.state !== 'closed') this.events?.datagrams(this.batch);
    this.batch.clear();
  }

  flush(): boolean {
    return this.state === 'closed' || this.socket.getSendQueueCount() === 0;
  }

  async close(): Promise<void> {
    if (this.state === 'closed') return;
    this.state = 'closed';
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
    this.events?.state?.('closed');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected sent(bytes: number): void {
    this.counters.datagramsOut += 1;
    this.counters.bytesOut += bytes;
  }

  private dropped(): void {
    this.counters.dropped += 1;
  }
}

class ServerLink extends SocketLink {
  readonly name: string;
  readonly remote = undefined;
  private readonly endpoints: UdpEndpoints;

  constructor(socket: Socket, timing: LinkTiming, trusted: boolean) {
    super(socket, timing);
    this.name = `udp:${formatAddress(this.localAddress, this.localPort)}`;
    this.endpoints = new UdpEndpoints(endpointLimit, trusted);
  }

  endpoint(address: string, port: number): Endpoint {
    const endpoint = this.endpoints.get(address, port);
    if (endpoint === undefined) throw new RangeError(`${this.name} has no room for ${address}:${port}`);
    return endpoint;
  }

  send(to: Endpoint, bytes: Uint8Array, start: number, end: number): void {
    if (this.state === 'closed') return;
    this.sent(end - start);
    // A view made here costs less than the offsets that `send` would turn into a Buffer.
    this.socket.send(bytes.subarray(start, end), to.port, to.address);
  }

  protected sender(from: RemoteInfo): Endpoint | undefined {
    return this.endpoints.get(from.address, from.port);
  }
}

class ClientLink extends SocketLink {
  readonly name: string;
  readonly remote: Endpoint;

  constructor(socket: Socket, timing: LinkTiming, remote: Endpoint) {
    super(socket, timing);
    this.remote = remote;
    this.name = `udp:${formatAddress(remote.address, remote.port)}`;
  }

  endpoint(address: string, port: number): Endpoint {
    return onlyEndpoint(this, address, port);
  }

  send(_to: Endpoint, bytes: Uint8Array, start: number, end: number): void {
    if (this.state === 'closed') return;
    this.sent(end - start);
    this.socket.send(bytes.subarray(start, end));
  }

  protected sender(): Endpoint {
    return this.remote;
  }
}

function formatAddress(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

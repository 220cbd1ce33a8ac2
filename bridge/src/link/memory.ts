import type { MemoryLinkFaults, MemoryLinkOptions } from './adapters.ts';
import { Batch, createLinkCounters } from './batch.ts';
import { type Clock, systemClock } from './clock.ts';
import {
  createEndpoint,
  defaultBaud,
  type Endpoint,
  type Link,
  type LinkEvents,
  type LinkState,
  type LinkTiming,
  onlyEndpoint,
  serialTiming,
} from './link.ts';
import { encodeFrame, FrameDecoder } from './slipmux.ts';

/** A datagram that is to be overtaken waits this long for the next one, milliseconds. */
const reorderWaitMs = 20;

/** Two connected ends in one process, with the faults asked for in both directions. */
export function createMemoryLinks(options: MemoryLinkOptions = {}): readonly [Link, Link] {
  const a = new MemoryEnd('memory:a', options);
  const b = new MemoryEnd('memory:b', options);
  a.connect(b);
  b.connect(a);
  return [a, b];
}

class MemoryEnd implements Link {
  readonly name: string;
  readonly timing: LinkTiming;
  readonly remote: Endpoint;
  readonly counters = createLinkCounters();
  state: LinkState = 'up';
  private readonly clock: Clock;
  private readonly faults: MemoryLinkFaults;
  private readonly batch = new Batch();
  private readonly decoder: FrameDecoder;
  private peer: MemoryEnd | undefined;
  private events: LinkEvents | undefined;
  /** When the line has sent everything so far. */
  private lineFreeAt = 0;
  /** Waits to be overtaken. */
  private held: Uint8Array | undefined;

  constructor(name: string, options: MemoryLinkOptions) {
    this.name = name;
    this.clock = options.clock ?? systemClock;
    this.faults = options.faults ?? {};
    this.timing = options.timing ?? serialTiming(this.faults.baud || defaultBaud);
    this.remote = createEndpoint(name, 0, options.trusted !== false);
    this.decoder = new FrameDecoder({
      message: (bytes) => this.deliver(bytes),
      diagnostic: (text) => this.events?.diagnostic?.(text),
    });
  }

  connect(peer: MemoryEnd): void {
    this.peer = peer;
  }

  attach(events: LinkEvents): void {
    if (this.events !== undefined) throw new Error(`${this.name} has a receiver already`);
    this.events = events;
  }

  endpoint(address: string, port: number): Endpoint {
    return onlyEndpoint(this, address, port);
  }

  send(_to: Endpoint, bytes: Uint8Array, start: number, end: number): void {
    if (this.state !== 'up') {
      this.counters.dropped += 1;
      return;
    }
    this.counters.datagramsOut += 1;
    this.counters.bytesOut += end - start;
    const datagram = bytes.slice(start, end);
    if (this.happens(this.faults.loss)) return;
    if (this.held === undefined && this.happens(this.faults.reordering)) {
      this.held = datagram;
      this.clock.wakeAt(this.clock.now() + reorderWaitMs, () => this.releaseHeld());
      return;
    }
    this.transmit(datagram);
    if (this.happens(this.faults.duplication)) this.transmit(datagram.slice());
    this.releaseHeld();
  }

  flush(): boolean {
    return true;
  }

  async close(): Promise<void> {
    this.finish();
    this.peer?.finish(new Error('the other end was closed'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private finish(cause?: Error): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    if (cause === undefined) this.events?.state?.('closed');
    else this.events?.state?.('closed', cause);
  }

  private happens(probability: number | undefined): boolean {
    return probability !== undefined && probability > 0 && this.clock.random() < probability;
  }

  private releaseHeld(): void {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.transmit(held);
  }

  /** Puts a datagram on the line; it arrives when its last byte has passed. */
  private transmit(datagram: Uint8Array): void {
    const isFramed = (this.faults.byteLoss ?? 0) > 0;
    const bytes = isFramed ? encodeFrame(datagram) : datagram;
    const sentAt = Math.max(this.clock.now(), this.lineFreeAt) + this.lineMs(bytes.length);
    this.lineFreeAt = sentAt;
    this.clock.wakeAt(sentAt + (this.faults.delayMs ?? 0), () => {
      if (isFramed) this.peer?.receiveFrame(bytes.filter(() => !this.happens(this.faults.byteLoss)));
      else this.peer?.deliver(bytes);
    });
  }

  private lineMs(bytes: number): number {
    const { baud = 0 } = this.faults;
    return baud === 0 ? 0 : (bytes * 10 * 1_000) / baud;
  }

  private receiveFrame(bytes: Uint8Array): void {
    this.decoder.push(bytes);
    this.counters.framesBad = this.decoder.framesBad;
  }

  private deliver(bytes: Uint8Array): void {
    if (this.state !== 'up') return;
    this.counters.datagramsIn += 1;
    this.counters.bytesIn += bytes.length;
    this.batch.add(this.remote, bytes);
    this.events?.datagrams(this.batch);
    this.batch.clear();
  }
}

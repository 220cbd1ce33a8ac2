import type { ReconnectOptions } from './adapters.ts';
import { createLinkCounters } from './batch.ts';
import { type Clock, systemClock } from './clock.ts';
import {
  createEndpoint,
  type DatagramBatch,
  type Endpoint,
  type Link,
  type LinkCounters,
  type LinkEvents,
  type LinkState,
  type LinkTiming,
  onlyEndpoint,
} from './link.ts';

const defaultFirstDelayMs = 100;
const defaultMaxDelayMs = 5_000;

/**
 * A point-to-point link that comes back: it starts `down`, opens an inner link, and opens it again with doubling delays
 * whenever it fails or closes. Its endpoint stays the same throughout; datagrams sent while it is down are dropped.
 */
export function createReconnectingLink(
  name: string,
  open: () => Promise<Link>,
  options: ReconnectOptions,
): Link {
  return new ReconnectingLink(name, open, options);
}

class ReconnectingLink implements Link {
  readonly name: string;
  readonly timing: LinkTiming;
  readonly remote: Endpoint;
  state: LinkState = 'down';
  private readonly open: () => Promise<Link>;
  private readonly clock: Clock;
  private readonly firstDelayMs: number;
  private readonly maxDelayMs: number;
  private readonly past = createLinkCounters();
  private delayMs: number;
  private inner: Link | undefined;
  private events: LinkEvents | undefined;
  private cancelRetry: (() => void) | undefined;

  constructor(name: string, open: () => Promise<Link>, options: ReconnectOptions) {
    this.name = name;
    this.open = open;
    this.timing = options.timing;
    this.clock = options.clock ?? systemClock;
    this.firstDelayMs = options.firstDelayMs ?? defaultFirstDelayMs;
    this.maxDelayMs = options.maxDelayMs ?? defaultMaxDelayMs;
    this.delayMs = this.firstDelayMs;
    this.remote = createEndpoint(name, 0, options.trusted !== false);
  }

  /** Of all inner links together. */
  get counters(): Readonly<LinkCounters> {
    return this.inner === undefined ? this.past : addCounters(this.past, this.inner.counters);
  }

  attach(events: LinkEvents): void {
    if (this.events !== undefined) throw new Error(`${this.name} has a receiver already`);
    this.events = events;
    void this.connect();
  }

  endpoint(address: string, port: number): Endpoint {
    return onlyEndpoint(this, address, port);
  }

  send(_to: Endpoint, bytes: Uint8Array, start: number, end: number): void {
    const { inner } = this;
    if (inner?.remote === undefined) this.past.dropped += 1;
    else inner.send(inner.remote, bytes, start, end);
  }

  flush(): boolean {
    return this.inner?.flush() ?? true;
  }

  async close(): Promise<void> {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.cancelRetry?.();
    const { inner } = this;
    this.retire();
    await inner?.close();
    this.events?.state?.('closed');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async connect(): Promise<void> {
    try {
      const inner = await this.open();
      if (this.state === 'closed') await inner.close();
      else this.adopt(inner);
    } catch (error) {
      this.retry(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private adopt(inner: Link): void {
    this.inner = inner;
    this.state = 'up';
    this.delayMs = this.firstDelayMs;
    this.events?.state?.('up');
    inner.attach({
      datagrams: (batch) => this.deliver(batch),
      diagnostic: (text) => this.events?.diagnostic?.(text),
      state: (state, cause) => {
        if (state === 'closed' && this.inner === inner) this.lose(cause);
      },
    });
  }

  /** To the receiver all incarnations of the other side are one endpoint. */
  private deliver(batch: DatagramBatch): void {
    batch.from.fill(this.remote, 0, batch.count);
    this.events?.datagrams(batch);
  }

  private lose(cause?: Error): void {
    this.retire();
    this.retry(cause ?? new Error(`${this.name} was closed`));
  }

  private retire(): void {
    if (this.inner !== undefined) Object.assign(this.past, addCounters(this.past, this.inner.counters));
    this.inner = undefined;
  }

  private retry(cause: Error): void {
    if (this.state === 'closed') return;
    this.state = 'down';
    this.cancelRetry = this.clock.wakeAt(this.clock.now() + this.delayMs, () => void this.connect());
    this.delayMs = Math.min(this.maxDelayMs, this.delayMs * 2);
    this.events?.state?.('down', cause);
  }
}

function addCounters(a: Readonly<LinkCounters>, b: Readonly<LinkCounters>): LinkCounters {
  return {
    datagramsIn: a.datagramsIn + b.datagramsIn,
    datagramsOut: a.datagramsOut + b.datagramsOut,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
    framesBad: a.framesBad + b.framesBad,
    dropped: a.dropped + b.dropped,
  };
}

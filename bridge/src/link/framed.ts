import { Batch, createLinkCounters } from './batch.ts';
import {
  createEndpoint,
  type Endpoint,
  type Link,
  type LinkEvents,
  type LinkState,
  type LinkTiming,
  onlyEndpoint,
} from './link.ts';
import { encodeFrame, FrameDecoder } from './slipmux.ts';

/** A byte stream in both directions, as serial ports and sockets are. */
export interface ByteStream {
  /** False when the stream holds more than it should: what follows is dropped until `drained` was called. */
  write(bytes: Uint8Array): boolean;
  /** Starts delivery; called once. `closed` comes last, with a cause unless `close` was called. */
  start(events: { data(bytes: Uint8Array): void; drained(): void; closed(cause?: Error): void }): void;
  close(): Promise<void>;
}

/** A link of slipmux frames over a byte stream: what serial and stream links have in common. */
export function createFramedLink(
  name: string,
  stream: ByteStream,
  timing: LinkTiming,
  trusted: boolean,
): Link {
  return new FramedLink(name, stream, timing, trusted);
}

class FramedLink implements Link {
  readonly name: string;
  readonly timing: LinkTiming;
  readonly remote: Endpoint;
  readonly counters = createLinkCounters();
  state: LinkState = 'up';
  private readonly stream: ByteStream;
  private readonly decoder: FrameDecoder;
  private readonly batch = new Batch();
  private events: LinkEvents | undefined;
  private isFull = false;

  constructor(name: string, stream: ByteStream, timing: LinkTiming, trusted: boolean) {
    this.name = name;
    this.stream = stream;
    this.timing = timing;
    this.remote = createEndpoint(name, 0, trusted);
    this.decoder = new FrameDecoder({
      message: (bytes) => this.collect(bytes),
      diagnostic: (text) => this.events?.diagnostic?.(text),
    });
  }

  attach(events: LinkEvents): void {
    if (this.events !== undefined) throw new Error(`${this.name} has a receiver already`);
    this.events = events;
    this.stream.start({
      data: (bytes) => this.receive(bytes),
      drained: () => {
        this.isFull = false;
      },
      closed: (cause) => this.finish(cause),
    });
  }

  endpoint(address: string, port: number): Endpoint {
    return onlyEndpoint(this, address, port);
  }

  /** A line that cannot keep up loses datagrams, as a wire would: retransmission, not memory, is the answer. */
  send(_to: Endpoint, bytes: Uint8Array, start: number, end: number): void {
    if (this.state !== 'up' || this.isFull) {
      this.counters.dropped += 1;
      return;
    }
    this.counters.datagramsOut += 1;
    this.counters.bytesOut += end - start;
    this.isFull = !this.stream.write(encodeFrame(bytes, start, end));
  }

  flush(): boolean {
    return true;
  }

  async close(): Promise<void> {
    const wasOpen = this.state !== 'closed';
    this.finish();
    if (wasOpen) await this.stream.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private receive(bytes: Uint8Array): void {
    this.decoder.push(bytes);
    this.counters.framesBad = this.decoder.framesBad;
    if (this.batch.count === 0) return;
    if (this.state === 'up') this.events?.datagrams(this.batch);
    this.batch.clear();
  }

  private collect(message: Uint8Array): void {
    this.counters.datagramsIn += 1;
    this.counters.bytesIn += message.length;
    this.batch.add(this.remote, message);
  }

  private finish(cause?: Error): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    if (cause === undefined) this.events?.state?.('closed');
    else this.events?.state?.('closed', cause);
  }
}

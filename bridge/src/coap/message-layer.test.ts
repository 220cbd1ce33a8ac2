import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { createLinkCounters } from '../link/batch.ts';
import { createEndpoint, type Endpoint, type Link, udpTiming } from '../link/index.ts';
import { messageType } from './codes.ts';
import { Effects } from './effects.ts';
import { createMessageLayer } from './layer-state.ts';
import { step } from './message-layer.ts';
import { Outgoing } from './outgoing.ts';
import { submit } from './transmission.ts';

/** Counts what is sent and refuses to give back the buffer when told so. */
class SinkLink implements Link {
  readonly name = 'sink';
  readonly timing = udpTiming;
  readonly remote = undefined;
  readonly state = 'up';
  readonly counters = createLinkCounters();
  readonly sent: Uint8Array[] = [];
  isBusy = false;

  attach(): void {}

  endpoint(address: string, port: number): Endpoint {
    return createEndpoint(address, port, false);
  }

  send(_to: Endpoint, bytes: Uint8Array, start: number, end: number): void {
    this.sent.push(bytes.subarray(start, end));
  }

  flush(): boolean {
    return !this.isBusy;
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

const options = {
  timing: udpTiming,
  nstart: 1,
  dedupCapacity: 16,
  random: createRandom(1),
  signal: new AbortController().signal,
};

describe('message layer', () => {
  it('lets the 65,537th message to an endpoint wait until a message ID is free again', () => {
    const layer = createMessageLayer(options, 0);
    const out = new Effects();
    const link = new SinkLink();
    const to = createEndpoint('a', 1, false);
    const send = (): void => {
      submit(layer, new Outgoing(to, messageType.non, 2, new Uint8Array(0), undefined), 0, out);
      out.flush(link);
    };
    for (let count = 0; count < 65_536; count += 1) send();
    expect(
      new Set(link.sent.map((bytes) => ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0))).size,
    ).toBeLessThanOrEqual(65_536);
    expect(link.sent).toHaveLength(65_536);
    send();
    step(layer, undefined, udpTiming.exchangeLifetimeMs - 1, out);
    out.flush(link);
    expect(link.sent).toHaveLength(65_536);
    step(layer, undefined, udpTiming.exchangeLifetimeMs, out);
    out.flush(link);
    expect(link.sent).toHaveLength(65_537);
  });

  it('writes no further into a buffer that the link still reads', () => {
    const layer = createMessageLayer(options, 0);
    const out = new Effects();
    const link = new SinkLink();
    link.isBusy = true;
    const to = createEndpoint('a', 1, false);
    for (const code of [1, 2, 3]) {
      submit(layer, new Outgoing(to, messageType.non, code, new Uint8Array(0), undefined), 0, out);
      out.flush(link);
    }
    expect(link.sent.map((bytes) => bytes[1])).toEqual([1, 2, 3]);
  });
});

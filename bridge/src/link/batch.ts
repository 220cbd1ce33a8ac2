import type { DatagramBatch, Endpoint, LinkCounters } from './link.ts';

/** A batch to collect datagrams in; `clear` after it was read, so that the buffers can go. */
export class Batch implements DatagramBatch {
  count = 0;
  readonly from: Endpoint[] = [];
  readonly data: Uint8Array[] = [];

  add(from: Endpoint, data: Uint8Array): void {
    this.from[this.count] = from;
    this.data[this.count] = data;
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
    this.from.length = 0;
    this.data.length = 0;
  }
}

export function createLinkCounters(): LinkCounters {
  return { datagramsIn: 0, datagramsOut: 0, bytesIn: 0, bytesOut: 0, framesBad: 0, dropped: 0 };
}

import type { Endpoint } from '../link/link.ts';
import type { IncomingRequest } from './incoming.ts';

const bucketCount = 1_024;

/**
 * Requests whose answer takes longer than the step, by message ID and endpoint. They hang on each other: a Map would
 * do, but every table it outgrows keeps what it held from being collected young, under load a third of all requests.
 */
export class DeferredRequests {
  private readonly buckets = new Array<IncomingRequest | undefined>(bucketCount).fill(undefined);
  size = 0;

  add(request: IncomingRequest): void {
    const at = request.messageId % bucketCount;
    request.nextDeferred = this.buckets[at];
    this.buckets[at] = request;
    this.size += 1;
  }

  /** Nothing happens for a request that is not there. */
  remove(request: IncomingRequest): void {
    const at = request.messageId % bucketCount;
    let previous: IncomingRequest | undefined;
    for (let one = this.buckets[at]; one !== undefined; one = one.nextDeferred) {
      if (one === request) {
        if (previous === undefined) this.buckets[at] = request.nextDeferred;
        else previous.nextDeferred = request.nextDeferred;
        request.nextDeferred = undefined;
        this.size -= 1;
        return;
      }
      previous = one;
    }
  }

  /** The one that a datagram repeats byte for byte. */
  find(from: Endpoint, messageId: number, bytes: Uint8Array): IncomingRequest | undefined {
    for (let one = this.buckets[messageId % bucketCount]; one !== undefined; one = one.nextDeferred) {
      if (one.messageId === messageId && one.from === from && equalBytes(one.bytes, bytes)) return one;
    }
    return undefined;
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

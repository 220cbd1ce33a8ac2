/** Requests that several callers wait for. */
import type { NodeResponse } from '../registry/node.ts';

export class Flight {
  /** What is asked for. */
  readonly key: string;
  /** Ends the request when every caller has gone; undefined once somebody waits who never goes. */
  abort: AbortController | undefined;
  answer: Promise<NodeResponse> | undefined;
  waiting = 0;
  /** The next in its bucket of `Flights`. */
  next: Flight | undefined;

  constructor(key: string, abort: AbortController | undefined) {
    this.key = key;
    this.abort = abort;
  }
}

const bucketCount = 256;

/**
 * Flights that others may join. They hang on each other: a Map would do, but every table it outgrows points to the next,
 * and once one of them is old all that follow are kept with whatever was in them until old space is collected.
 */
export class Flights {
  readonly #buckets = new Array<Flight | undefined>(bucketCount).fill(undefined);
  #size = 0;

  find(key: string): Flight | undefined {
    let one = this.#buckets[bucketOf(key)];
    while (one !== undefined && one.key !== key) one = one.next;
    return one;
  }

  add(flight: Flight): void {
    const at = bucketOf(flight.key);
    flight.next = this.#buckets[at];
    this.#buckets[at] = flight;
    this.#size += 1;
  }

  /** Nothing happens for one that is not there. */
  remove(flight: Flight): void {
    const at = bucketOf(flight.key);
    let previous: Flight | undefined;
    for (let one = this.#buckets[at]; one !== undefined; one = one.next) {
      if (one === flight) {
        if (previous === undefined) this.#buckets[at] = flight.next;
        else previous.next = flight.next;
        flight.next = undefined;
        this.#size -= 1;
        return;
      }
      previous = one;
    }
  }

  clear(): void {
    if (this.#size > 0) this.#buckets.fill(undefined);
    this.#size = 0;
  }
}

/** Of its last characters, in which keys differ most. */
function bucketOf(key: string): number {
  let hash = 0;
  for (let index = Math.max(0, key.length - 16); index < key.length; index += 1)
    hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
  return (hash ^ (hash >>> 8)) & (bucketCount - 1);
}

/** The answer of a flight for one more caller; rejects with the reason of its own signal, which ends nobody else's wait. */
export function joinFlight(
  flight: Flight,
  answer: Promise<NodeResponse>,
  signal: AbortSignal | undefined,
): Promise<NodeResponse> {
  if (signal === undefined) {
    flight.abort = undefined;
    return answer;
  }
  flight.waiting += 1;
  return new Promise((resolve, reject) => {
    const leave = () => {
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.abort?.abort(signal.reason);
      reject(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    const settled = () => signal.removeEventListener('abort', leave);
    answer.finally(settled).then(resolve, reject);
  });
}

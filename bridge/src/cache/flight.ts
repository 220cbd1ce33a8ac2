/** A request that several callers wait for. */
import type { NodeResponse } from '../registry/node.ts';

export interface Flight {
  readonly answer: Promise<NodeResponse>;
  /** Ends the request when every caller has gone; undefined once somebody waits who never goes. */
  abort: AbortController | undefined;
  waiting: number;
}

/** Asks for the first caller. Whether it may be ended is known by the signal it has. */
export function startFlight(
  ask: (signal: AbortSignal | undefined) => Promise<NodeResponse>,
  signal: AbortSignal | undefined,
): Flight {
  const abort = signal === undefined ? undefined : new AbortController();
  return { answer: ask(abort?.signal), abort, waiting: 0 };
}

/** The answer for one caller; rejects with the reason of its own signal, which ends nobody else's wait. */
export function joinFlight(flight: Flight, signal: AbortSignal | undefined): Promise<NodeResponse> {
  if (signal === undefined) {
    flight.abort = undefined;
    return flight.answer;
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
    flight.answer.finally(settled).then(resolve, reject);
  });
}

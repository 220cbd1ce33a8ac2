/** A request that several callers wait for. */
import type { NodeResponse } from '../registry/node.ts';

export interface Flight {
  /** Undefined once it is there: a table of flights that was outgrown would keep it from being collected young. */
  answer: Promise<NodeResponse> | undefined;
  /** Ends the request when every caller has gone; undefined once somebody waits who never goes. */
  abort: AbortController | undefined;
  waiting: number;
}

/** Asks for the first caller. Whether it may be ended is known by the signal it has. */
export function startFlight(
  ask: (signal: AbortSignal | undefined) => Promise<NodeResponse>,
  signal: AbortSignal | undefined,
): { readonly flight: Flight; readonly answer: Promise<NodeResponse> } {
  const abort = signal === undefined ? undefined : new AbortController();
  const answer = ask(abort?.signal);
  return { flight: { answer, abort, waiting: 0 }, answer };
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

import { abiError } from '../../tables/index.ts';
import { Signal } from './signal.ts';

/** Times in milliseconds since the node started. */
export interface Timer {
  readonly id: number;
  due: number;
  period: number;
  running: boolean;
  readonly signal: Signal;
}

/** The timers of one instance. */
export class Timers {
  readonly all: readonly Timer[];

  constructor(limit: number) {
    this.all = Array.from({ length: limit }, (_, id) => {
      return { id, due: 0, period: 0, running: false, signal: new Signal() };
    });
  }

  /** timer_set of the runtime interface. */
  set(id: number, delayMs: number, periodMs: number, now: number): number {
    if (id < 0 || delayMs < 0 || periodMs < 0) return abiError.E_ARG;
    const timer = this.all[id];
    if (timer === undefined) return abiError.E_QUOTA;
    timer.due = now + delayMs;
    timer.period = periodMs;
    timer.running = true;
    timer.signal.forget();
    return 0;
  }

  /** timer_cancel of the runtime interface. */
  cancel(id: number): number {
    const timer = this.all[id];
    if (timer === undefined || !(timer.running || timer.signal.waiting)) return abiError.E_NOT_FOUND;
    timer.running = false;
    timer.signal.forget();
    return 0;
  }

  /** Raises the signal of the timer that is due first: in order of due time, then id. */
  expireFirst(now: number, nextPlace: () => number): void {
    const timer = this.#earliest();
    if (timer === undefined || timer.due > now) return;
    if (!timer.signal.waiting) timer.signal.raise(nextPlace());
    advance(timer, now);
  }

  /** Earliest due time of the running timers, or Infinity. */
  get nextDue(): number {
    return this.#earliest()?.due ?? Number.POSITIVE_INFINITY;
  }

  #earliest(): Timer | undefined {
    let found: Timer | undefined;
    for (const timer of this.all) {
      if (timer.running && (found === undefined || timer.due < found.due)) found = timer;
    }
    return found;
  }
}

/** Due times up to now are one event; the next is the first after now. */
function advance(timer: Timer, now: number): void {
  if (timer.period === 0) {
    timer.running = false;
    return;
  }
  timer.due += timer.period * (Math.floor((now - timer.due) / timer.period) + 1);
}

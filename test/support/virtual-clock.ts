import type { Clock } from '../../bridge/src/link/clock.ts';
import { createRandom } from './random.ts';

/** A clock that stands still but for `advanceTo` and `run`. */
export interface VirtualClock extends Clock {
  /** Fires what is due up to a time, in order; promises settle in between. */
  advanceTo(atMs: number): Promise<void>;
  /** Fires timers until `done` says so; false when the time limit or the last timer was reached first. */
  run(done: () => boolean, limitMs: number): Promise<boolean>;
}

interface Wake {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

export function createVirtualClock(seed: number): VirtualClock {
  const wakes = new Set<Wake>();
  let now = 0;
  let order = 0;

  function earliest(): Wake | undefined {
    let found: Wake | undefined;
    for (const wake of wakes) {
      if (found === undefined || wake.at < found.at || (wake.at === found.at && wake.order < found.order))
        found = wake;
    }
    return found;
  }

  async function run(done: () => boolean, limitMs: number): Promise<boolean> {
    for (;;) {
      await settle();
      if (done()) return true;
      const next = earliest();
      if (next === undefined || next.at > limitMs) return false;
      wakes.delete(next);
      now = Math.max(now, next.at);
      next.wake();
    }
  }

  return {
    now: () => now,
    wakeAt(at, wake) {
      const entry = { at, order: order++, wake };
      wakes.add(entry);
      return () => wakes.delete(entry);
    },
    random: createRandom(seed),
    async advanceTo(atMs) {
      await run(() => false, atMs);
      now = Math.max(now, atMs);
    },
    run,
  };
}

/** Long enough for the promise chains of a request to settle. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 24; turn += 1) await Promise.resolve();
}

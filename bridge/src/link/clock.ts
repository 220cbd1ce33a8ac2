/** Time and randomness as links and the CoAP layers take them in, so that tests run in virtual time. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls back once, not before `atMs`; returns a function that cancels. */
  wakeAt(atMs: number, wake: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
}

const buffered = new Uint32Array(256);
let left = 0;

/** From the platform's secure generator, fetched in bulk: tokens and message IDs must not be guessable. */
function secureRandom(): number {
  if (left === 0) {
    crypto.getRandomValues(buffered);
    left = buffered.length;
  }
  left -= 1;
  return (buffered[left] ?? 0) / 0x1_0000_0000;
}

/** Monotonic time and timers of the platform. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAt(atMs, wake) {
    const timer = setTimeout(wake, Math.max(0, Math.ceil(atMs - performance.now())));
    return () => clearTimeout(timer);
  },
  random: secureRandom,
};

/** A reproducible sequence in [0, 1) (mulberry32). */
export function createSeededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

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
    random: createSeededRandom(seed),
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

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

import { type Clock, systemClock } from '@radon/bridge/link';

/** Timers of Node.js are late by up to so much. */
const timerErrorMs = 2;

/** Wakes at the very time instead of within a millisecond or two: the last of a wait is spent looking. Keeps a core busy. */
export const preciseClock: Clock = {
  ...systemClock,
  wakeAt(atMs, wake) {
    let isCancelled = false;
    const look = (): void => {
      if (isCancelled) return;
      if (performance.now() >= atMs) wake();
      else setImmediate(look);
    };
    const cancelTimer = systemClock.wakeAt(atMs - timerErrorMs, look);
    return () => {
      isCancelled = true;
      cancelTimer();
    };
  },
};

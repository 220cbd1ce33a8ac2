import { expect, test } from 'vitest';
import { preciseClock } from './precise-clock.ts';

const wokenAt = (at: number) =>
  new Promise<number>((resolve) => {
    preciseClock.wakeAt(at, () => resolve(preciseClock.now()));
  });

test('wakes not before the time, and later even when it is past already', async () => {
  const start = preciseClock.now();
  let isLater = false;
  const past = new Promise<void>((resolve) => {
    preciseClock.wakeAt(start - 5, () => {
      expect(isLater).toBe(true);
      resolve();
    });
  });
  isLater = true;
  await past;
  for (const ms of [0.2, 3.7, 11]) {
    const at = preciseClock.now() + ms;
    expect(await wokenAt(at)).toBeGreaterThanOrEqual(at);
  }
});

test('does not wake once it is cancelled, neither before the timer nor while it looks', async () => {
  const never = () => {
    throw new Error('woken');
  };
  const now = preciseClock.now();
  preciseClock.wakeAt(now + 8, never)();
  // Cancelled by whoever is woken before it: a busy machine may wake both in one turn.
  preciseClock.wakeAt(now + 3.5, () => cancel());
  const cancel = preciseClock.wakeAt(now + 4, never);
  await wokenAt(now + 10);
});

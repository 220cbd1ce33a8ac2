import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Timer, TimerWheel } from './timer-wheel.ts';

interface Named extends Timer {
  readonly name: number;
}

const createTimer = (name: number): Named => ({
  name,
  deadline: 0,
  previous: undefined,
  following: undefined,
  slot: -1,
});

describe('timer wheel', () => {
  it('fires each timer once, at or after its deadline, in order, and never later than the next look', () => {
    const action = fc.record({
      name: fc.integer({ min: 0, max: 20 }),
      delayMs: fc.integer({ min: -5, max: 30_000 }),
      isCancelled: fc.boolean(),
      passMs: fc.integer({ min: 0, max: 12_000 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const wheel = new TimerWheel<Named>(100);
        const timers = Array.from({ length: 21 }, (_, name) => createTimer(name));
        const model = new Map<number, number>();
        let now = 100;
        for (const { name, delayMs, isCancelled, passMs } of actions) {
          const timer = timers[name];
          if (timer === undefined) continue;
          if (isCancelled) {
            wheel.cancel(timer);
            model.delete(name);
          } else {
            wheel.set(timer, now + delayMs);
            model.set(name, now + delayMs);
          }
          now += passMs;
          const fired: number[] = [];
          wheel.advance(now, (one) => fired.push(one.name));
          const expected = [...model].filter(([, at]) => at <= now);
          expect(fired.toSorted()).toEqual(expected.map(([one]) => one).toSorted());
          const deadlines = fired.map((one) => model.get(one) ?? 0);
          expect(deadlines).toEqual(deadlines.toSorted((a, b) => a - b));
          for (const one of fired) model.delete(one);
          expect(wheel.size).toBe(model.size);
          const earliest = Math.min(...model.values());
          expect(wheel.next).toBeLessThanOrEqual(earliest);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('lets a callback cancel and set timers that are due with it', () => {
    const wheel = new TimerWheel<Named>(0);
    const [a, b, c] = [createTimer(1), createTimer(2), createTimer(3)];
    wheel.set(a, 10);
    wheel.set(b, 11);
    wheel.set(c, 12);
    const fired: number[] = [];
    wheel.advance(20, (timer) => {
      fired.push(timer.name);
      if (timer === a) {
        wheel.cancel(b);
        wheel.set(c, 30);
      }
    });
    expect(fired).toEqual([1]);
    wheel.advance(30, (timer) => fired.push(timer.name));
    expect([fired, wheel.size, wheel.next]).toEqual([[1, 3], 0, Number.POSITIVE_INFINITY]);
  });
});

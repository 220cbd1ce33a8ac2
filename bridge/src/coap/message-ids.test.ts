import { describe, expect, it } from 'vitest';
import { MessageIds } from './message-ids.ts';

const lifetimeMs = 247_000;

describe('message IDs', () => {
  it('gives out 65,536 different ones, then none until the first are free again', () => {
    const ids = new MessageIds(lifetimeMs, 40_000);
    const given = new Set<number>();
    for (let count = 0; count < 65_536; count += 1) given.add(ids.take(count / 100));
    expect(given.size).toBe(65_536);
    expect(ids.take(656)).toBe(-1);
    expect(ids.freeAt).toBeGreaterThanOrEqual(lifetimeMs);
    expect(ids.take(ids.freeAt - 1)).toBe(-1);
    expect(ids.take(ids.freeAt)).toBeGreaterThanOrEqual(0);
  });

  it('never repeats one within its lifetime, however long it runs', () => {
    const ids = new MessageIds(lifetimeMs, 0);
    const lastUse = new Map<number, number>();
    let shortest = Number.POSITIVE_INFINITY;
    let now = 0;
    for (let count = 0; count < 200_000; count += 1) {
      now += 1.7;
      const id = ids.take(now);
      if (id < 0) {
        now = ids.freeAt;
        continue;
      }
      shortest = Math.min(shortest, now - (lastUse.get(id) ?? Number.NEGATIVE_INFINITY));
      lastUse.set(id, now);
    }
    expect(shortest).toBeGreaterThanOrEqual(lifetimeMs);
  });

  it('is idle once all that were given out are free', () => {
    const ids = new MessageIds(lifetimeMs, 0);
    expect(ids.isIdle(0)).toBe(true);
    ids.take(10);
    expect([ids.isIdle(lifetimeMs), ids.isIdle(lifetimeMs + 10)]).toEqual([false, true]);
  });
});

import { describe, expect, it } from 'vitest';
import { testConfiguration } from '../../../../test/support/atoms.ts';
import { Recovery } from './recovery.ts';

const restart = testConfiguration({ recovery: 'restart' });

describe('recovery', () => {
  it('waits twice as long after each failure of a series, and not after the sixth', () => {
    const recovery = new Recovery(restart);
    const waits = Array.from({ length: 6 }, () => recovery.failed(0));
    expect(waits).toEqual([100, 200, 400, 800, 1600, undefined]);
  });

  it('waits 6.4 s at most', () => {
    const recovery = new Recovery({ ...restart, maxRestarts: 10 });
    const waits = Array.from({ length: 10 }, () => recovery.failed(0));
    expect(waits.slice(6)).toEqual([6400, 6400, 6400, 6400]);
  });

  it('begins a new series when the window has passed', () => {
    const recovery = new Recovery({ ...restart, maxRestarts: 1, windowMs: 1000 });
    expect(recovery.failed(0)).toBe(100);
    expect(recovery.failed(999)).toBeUndefined();
    expect(recovery.failed(1000)).toBe(1100);
  });

  it('goes on with the failures in another worker', () => {
    expect(new Recovery(restart, [0, 10, 20]).failed(30)).toBe(830);
  });

  it.each(['none', 'escalate'] as const)('%s never restarts', (recovery) => {
    expect(new Recovery({ ...restart, recovery }).failed(0)).toBeUndefined();
  });
});

import { expect, test } from 'vitest';
import { TimeSeries } from './time-series.ts';

test('counts by intervals, gaps included; the last one is as long as it lasted', () => {
  const series = new TimeSeries();
  series.answered(0, 2, false);
  series.answered(49, 4, true);
  series.lost(120);
  series.answered(160, 8, false);
  const { intervalMs, points } = series.series(180);
  expect(intervalMs).toBe(50);
  expect(points).toEqual([
    { atMs: 0, perSecond: 40, answered: 2, errors: 1, lost: 0, p50: 2 + 2 / 64, p90: 4, p99: 4, max: 4 },
    { atMs: 50, perSecond: 0, answered: 0, errors: 0, lost: 0 },
    { atMs: 100, perSecond: 0, answered: 0, errors: 0, lost: 1 },
    { atMs: 150, perSecond: 1_000 / 30, answered: 1, errors: 0, lost: 0, p50: 8, p90: 8, p99: 8, max: 8 },
  ]);
  // 20 ms say little of a rate: they go with the 50 before, again and again the same.
  const joined = {
    atMs: 100,
    perSecond: 1_000 / 70,
    answered: 1,
    errors: 0,
    lost: 1,
    p50: 8,
    p90: 8,
    p99: 8,
    max: 8,
  };
  for (let look = 0; look < 2; look += 1) expect(series.series(170).points.slice(2)).toEqual([joined]);
});

test('stays below 257 points however long it goes on, and keeps every count', () => {
  const series = new TimeSeries();
  const hours = 3;
  for (let second = 0; second < hours * 3_600; second += 1) {
    series.answered(second * 1_000, second % 60 === 0 ? 100 : 1, false);
    if (second % 10 === 0) series.lost(second * 1_000);
  }
  const { intervalMs, points } = series.series(hours * 3_600_000);
  expect(points.length).toBeLessThanOrEqual(256);
  expect(points.length).toBeGreaterThan(128);
  expect(points.reduce((sum, { answered }) => sum + answered, 0)).toBe(hours * 3_600);
  expect(points.reduce((sum, { lost }) => sum + lost, 0)).toBe(hours * 360);
  expect(points.map(({ atMs }) => atMs)).toEqual(points.map((_, index) => index * intervalMs));
  expect(points[3]?.perSecond).toBeCloseTo(1, 1);
  expect(points[3]).toMatchObject({ p50: 1 + 1 / 64, max: 100 });
});

import { expect, test } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { LatencyHistogram } from './latency-histogram.ts';

test('percentiles are at most 1/64 above the exact ones, from a microsecond to an hour', () => {
  const random = createRandom(1);
  const values = Array.from({ length: 20_000 }, () => 2 ** (random() * 31 - 10)).sort((a, b) => a - b);
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.add(value);
  const { min, mean, p50, p90, p99, p999, max } = histogram.summary();
  expect([min, max]).toEqual([values[0], values.at(-1)]);
  expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value) / values.length, 3);
  for (const [found, share] of [
    [p50, 0.5],
    [p90, 0.9],
    [p99, 0.99],
    [p999, 0.999],
  ] as const) {
    const exact = values[Math.ceil(values.length * share) - 1] ?? 0;
    expect(found).toBeGreaterThanOrEqual(exact);
    expect(found).toBeLessThanOrEqual(exact * (1 + 1 / 64));
  }
});

test('buckets are those that hold any, in order, each within 1/64', () => {
  const histogram = new LatencyHistogram();
  for (const value of [1, 1, 1.001, 64, 0, 1e9]) histogram.add(value);
  expect(histogram.buckets()).toEqual([
    { upToMs: 2 ** -10 * (1 + 1 / 64), count: 1 },
    { upToMs: 1 + 1 / 64, count: 3 },
    { upToMs: 65, count: 1 },
    { upToMs: 2 ** 22, count: 1 },
  ]);
});

test('one slow answer is the maximum, not a percentile, and what is out of range is told as it was', () => {
  const histogram = new LatencyHistogram();
  for (let count = 0; count < 99; count += 1) histogram.add(2);
  histogram.add(1e8);
  expect(histogram.summary()).toMatchObject({ p99: 2 + 2 / 64, p999: 1e8, max: 1e8 });
});

test('two make one', () => {
  const [one, other, both] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()];
  for (let value = 1; value <= 100; value += 1) {
    (value % 3 === 0 ? one : other).add(value);
    both.add(value);
  }
  one.merge(other);
  expect(one).toEqual(both);
  one.merge(new LatencyHistogram());
  expect(one).toEqual(both);
});

test('nothing measured is 0 throughout', () => {
  expect(new LatencyHistogram().summary()).toEqual({
    min: 0,
    mean: 0,
    p50: 0,
    p90: 0,
    p99: 0,
    p999: 0,
    max: 0,
  });
  expect(new LatencyHistogram().buckets()).toEqual([]);
});

import { expect, test } from 'vitest';
import { formatBytes, formatNumber, formatSpan } from './format.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [95_232, '93 KiB'],
  [4_194_304, '4.0 MiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [-5, '0 s'],
  [999, '0 s'],
  [61_000, '1 min 1 s'],
  [3_600_000, '1 h 0 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms are %s', (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});

test.each([
  [3, '3'],
  [-0.5, '-0.5'],
  [1 / 3, '0.33333'],
  [1e21, '1e+21'],
])('%d is shown as %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

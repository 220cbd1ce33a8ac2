import { expect, test } from 'vitest';
import { formatName, parseFormat } from './format-name.ts';

test('every format keeps its number through its short name', () => {
  for (const format of [0, 18, 40, 42, 50, 60, 110, 112, 257, 999]) {
    expect(parseFormat(formatName(format))).toBe(format);
  }
  expect(formatName(112)).toBe('senml+cbor');
});

test.each([
  ['text/plain', 0],
  ['application/json', 50],
  ['65536', undefined],
  ['constructor', undefined],
  ['', undefined],
])('%j is %s', (text, format) => {
  expect(parseFormat(text)).toBe(format);
});

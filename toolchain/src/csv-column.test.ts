import { expect, test } from 'vitest';
import { readColumn } from './csv-column.ts';

const table = '# provenance\ndate,"rain, mm"\n2012-01-01,0\n2012-01-02,10.9\n';

test('a column is read by its name, comments and quotes understood', () => {
  expect(readColumn(table, 'rain, mm')).toEqual([0, 10.9]);
});

test('an unknown column is refused with the names there are', () => {
  expect(() => readColumn(table, 'snow')).toThrow(/no column "snow"/);
});

test('a value that is no number is refused with its line', () => {
  expect(() => readColumn(`${table}2012-01-03,wet\n`, 'rain, mm')).toThrow(/Line 5: "wet"/);
});

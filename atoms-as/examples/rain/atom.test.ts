import { readFileSync } from 'node:fs';
import { decodeSenmlCbor } from '@radon/bridge/senml';
import { contentFormat } from '@radon/bridge/tables';
import { openAtom, type TestAtom } from '@radon/toolchain/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const days = readFileSync(new URL('seattle-precipitation.csv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\d/.test(line))
  .map((line) => Number(line.split(',')[1]));

let atom: TestAtom;
beforeEach(async () => {
  atom = await openAtom(import.meta.url);
});
afterEach(() => atom.close());

const level = (latest: number, count: number, total: number) => [
  { n: 'latest', u: 'mm', v: latest },
  { n: 'days', u: 'count', v: count },
  { n: 'total', u: 'mm', v: total },
];
const readLevel = () => atom.get('level', { accept: contentFormat.SENML_JSON }).json();

describe('rain', () => {
  test('serves an empty level before the first reading', () => {
    expect(readLevel()).toEqual(level(0, 0, 0));
  });

  test('four years of Seattle add up', () => {
    for (const millimetres of days) atom.feed('rain0', millimetres);
    expect(readLevel()).toEqual(level(0, 1461, 4426));
    const alerts = atom.logs.filter(({ level }) => level === 'WARN');
    expect(alerts).toHaveLength(days.filter((millimetres) => millimetres > 20).length);
    expect(alerts.map(({ line }) => line)).toContain('55.9 mm: above 20');
    expect(atom.trap).toBeUndefined();
  });

  test('the three formats say the same', () => {
    atom.feed('rain0', 10.9);
    atom.feed('rain0', 0.8);
    const cbor = atom.get('level', { accept: contentFormat.SENML_CBOR }).payload;
    expect(decodeSenmlCbor(cbor)).toEqual(level(0.8, 2, 11.7));
    expect(readLevel()).toEqual(level(0.8, 2, 11.7));
    expect(atom.text('level')).toBe('latest 0.8 mm\ndays 2 count\ntotal 11.7 mm\n');
  });

  test('equal days count one by one', () => {
    for (let day = 0; day < 3; day += 1) atom.feed('rain0', 2.5);
    expect(readLevel()).toEqual(level(2.5, 3, 7.5));
  });

  test('totals and threshold survive a restart', () => {
    atom.feed('rain0', 12.5);
    atom.put('threshold', '7.25');
    atom.restart();
    expect(readLevel()).toEqual(level(12.5, 1, 12.5));
    expect(atom.get('threshold').text).toBe('7.25');
    expect(atom.get('alert').text).toBe('12.5');
    atom.feed('rain0', 1);
    expect(readLevel()).toEqual(level(1, 2, 13.5));
  });

  test('the alert follows the threshold', () => {
    atom.feed('rain0', 20);
    expect(atom.get('alert').text).toBe('0');
    expect(atom.put('threshold', '19.5').code).toBe('2.04');
    expect(atom.get('alert').text).toBe('20');
    expect(atom.logs).toEqual([{ level: 'WARN', line: '20 mm: above 19.5' }]);
    atom.feed('rain0', 3);
    expect(atom.get('alert').text).toBe('0');
  });

  test.each(['-1', '1001', 'much', '', '1e3', '.', '2 '])('a threshold of "%s" is refused', (text) => {
    const reply = atom.put('threshold', text);
    expect([reply.code, reply.text]).toEqual(['4.00', '0 to 1000 mm']);
    expect(atom.get('threshold').text).toBe('20');
  });

  test('what cannot be set says so', () => {
    expect(atom.put('level', '3').code).toBe('4.05');
    expect(atom.post('threshold', '3').code).toBe('4.05');
  });

  test('readings that are no rainfall change nothing', () => {
    for (const value of [-0.1, 2000, Number.POSITIVE_INFINITY, Number.NaN]) atom.feed('rain0', value);
    expect(readLevel()).toEqual(level(0, 0, 0));
    expect(atom.logs.map(({ line }) => line)).toEqual(Array(4).fill('not a rainfall'));
  });

  test('does not start on a node without the channel', async () => {
    await expect(openAtom(import.meta.url, { channels: [] })).rejects.toThrow('no channel rain0');
  });
});

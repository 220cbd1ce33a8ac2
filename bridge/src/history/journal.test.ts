import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createHistory, openJournalFolder } from './index.ts';

const start = 1_700_000_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-history-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const journalFile = () => join(folder, 'history', readdirSync(join(folder, 'history'))[0] ?? '');

/** One run of a bridge with `gauge/level` listed. */
function run() {
  const warn = vi.fn<(sentence: string) => void>();
  const journals = openJournalFolder(join(folder, 'history'), warn);
  let now = start;
  const history = createHistory({ kept: { entries: ['gauge/level'], journals }, clock: () => now * 1_000 });
  const node = createScriptedNode('gauge', () => response(0x45, '[]', 110));
  const observed = history.inFront(node);
  const listener = { next() {}, lost() {}, back() {}, end() {} };
  for (const path of ['level', 'other'])
    observed.observe({ method: 1, path: [path], query: [], payload: new Uint8Array(0) }, listener);
  return {
    warn,
    tell(...values: readonly (number | readonly [value: number, time: number])[]) {
      for (const given of values) {
        now += 1;
        const [v, t] = typeof given === 'number' ? [given] : given;
        node.notify(response(0x45, JSON.stringify([{ n: 'level', v, ...(t !== undefined && { t }) }]), 110));
      }
    },
    values: (path = 'level') =>
      history
        .find('gauge', [path])
        ?.read({ since: undefined, limit: 1_000 })
        .map(({ v }) => v),
  };
}

test('readings of a listed resource are there in the next run, in their order; those of others are not', () => {
  const first = run();
  expect(first.values()).toBeUndefined();
  first.tell(1, 2);
  const second = run();
  expect(second.values()).toEqual([1, 2]);
  expect(second.values('other')).toBeUndefined();
  second.tell(3);
  expect(run().values()).toEqual([1, 2, 3]);
});

test('a reading with its time that is told again after a restart stands there once', () => {
  run().tell([1, start - 5], [2, start - 4]);
  const second = run();
  second.tell([2, start - 4], [3, start - 3]);
  expect(second.values()).toEqual([1, 2, 3]);
});

test('a line that was being written is left out', () => {
  run().tell(1, 2);
  appendFileSync(journalFile(), '[{"n":"lev');
  const second = run();
  expect(second.values()).toEqual([1, 2]);
  expect(second.warn).not.toHaveBeenCalled();
  second.tell(3);
  expect(run().values()).toEqual([1, 2, 3]);
});

test.each(['{}', '[{"v":1}]', '\0\0', '[1]'])(
  'a line %j in between: what is before it stays, the file is set aside',
  (line) => {
    run().tell(1);
    appendFileSync(journalFile(), `${line}\n[{"n":"level","v":9,"t":9}]\n`);
    const file = journalFile();
    const second = run();
    expect(second.values()).toEqual([1]);
    expect(second.warn.mock.calls).toEqual([[expect.stringContaining(`${file}.damaged`)]]);
    second.tell(2);
    const third = run();
    expect(third.values()).toEqual([1, 2]);
    expect(third.warn).not.toHaveBeenCalled();
  },
);

test('the file does not grow beyond what is kept', () => {
  const { tell } = run();
  tell(...Array.from({ length: 2_500 }, (_, index) => index));
  const lines = readFileSync(journalFile(), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThan(1_010);
  const values = run().values() ?? [];
  expect([values.length, values.at(0), values.at(-1)]).toEqual([1_000, 1_500, 2_499]);
});

test('a folder that is gone is told once', () => {
  const { tell, warn, values } = run();
  tell(1);
  rmSync(join(folder, 'history'), { recursive: true });
  tell(2, 3);
  expect(warn).toHaveBeenCalledOnce();
  expect(values()).toEqual([1, 2, 3]);
});

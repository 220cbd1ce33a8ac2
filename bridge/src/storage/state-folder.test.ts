import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStateFolder } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(warn = (_sentence: string) => {}) {
  return openStateFolder(join(folder, 'state'), {
    parse(value) {
      if (typeof value !== 'number') throw new TypeError('it is no number');
      return value;
    },
    warn,
  });
}

const files = () => readdirSync(join(folder, 'state')).sort();

test('what was put is there again, for its owner alone; of several for a name the last', async () => {
  const state = open();
  for (const value of [1, 2, 3]) state.put('one', value);
  state.put('two', 4);
  state.put('gone', 5);
  state.delete('gone');
  await state.settled();
  expect([...open().found]).toEqual([
    ['one', 3],
    ['two', 4],
  ]);
  expect(files()).toEqual(['one.json', 'two.json']);
  expect(statSync(join(folder, 'state', 'one.json')).mode & 0o777).toBe(0o600);
});

test.each(['', '{', '"text"', '[1', '\0\0\0\0'])(
  'a file that holds %j is set aside with a sentence that names it, and the others are read',
  async (text) => {
    const state = open();
    state.put('good', 1);
    await state.settled();
    const path = join(folder, 'state', 'bad.json');
    writeFileSync(path, text);
    const warn = vi.fn();
    expect([...open(warn).found]).toEqual([['good', 1]]);
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining(`${path} cannot be read and is ${path}.damaged`)],
    ]);
    expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(text);
    const again = vi.fn();
    open(again);
    expect(again).not.toHaveBeenCalled();
  },
);

test('what a process was writing when it ended is left out', async () => {
  const state = open();
  state.put('one', 1);
  await state.settled();
  writeFileSync(join(folder, 'state', 'one.json.new'), '{');
  expect([...open().found]).toEqual([['one', 1]]);
  expect(files()).toEqual(['one.json']);
});

test('a write that fails is told, and made with the next change', async () => {
  const state = open();
  rmSync(join(folder, 'state'), { recursive: true });
  state.put('one', 1);
  await expect(state.settled()).rejects.toThrow('ENOENT');
  expect(open().found.size).toBe(0);
  state.put('two', 2);
  await state.settled();
  expect([...open().found.keys()]).toEqual(['one', 'two']);
});

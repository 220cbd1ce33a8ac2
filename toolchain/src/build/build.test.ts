import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModule } from '@radon/bridge/wasm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { openWorkspace } from '../workspace.ts';
import { type BuiltAtom, buildAtom, createAtom, readAtomProject } from './index.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-build-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function build(source: string, limits: object = {}): Promise<BuiltAtom> {
  writeFileSync(join(folder, 'atom.ts'), source);
  writeFileSync(join(folder, 'atom.json'), JSON.stringify({ name: 'probe', limits }));
  return buildAtom(readAtomProject(folder));
}

describe('buildAtom', () => {
  test('gives a module with its digest, sizes, imports and exports', async () => {
    const built = await build(
      'import { Log } from "@radon/atoms-as/assembly";\nexport function on_start(): void { Log.info("up"); }',
      {
        memory: 512,
      },
    );
    expect(built).toMatchObject({ name: 'probe', imports: [{ module: 'radon', name: 'log' }] });
    expect(built.exports).toEqual(['on_start', 'memory', '__heap_base', '__data_end']);
    expect(built.digest).toHaveLength(32);
    expect(built.sizes.memory).toBe(512);
    expect(built.sizes.staticMemory).toBeGreaterThan(124);
    expect([...built.functionNames.values()]).toContain('atom/on_start');
  });

  test('every mutable global is exported, so that a snapshot can hold it', async () => {
    const { wasm } = await build(`
      let count: i32 = 7; let total: i64 = 0; let mean: f64 = 0; let last = "";
      export function on_timer(): i32 { count++; total += count; mean += 0.5; last = last + "x"; return last.length; }`);
    const { globals, exports } = readModule(wasm);
    const mutable = globals.flatMap((global, index) => (global.mutable ? [index] : []));
    expect(mutable.length).toBeGreaterThanOrEqual(4);
    const state = exports.filter(({ name }) => name.startsWith('radon:'));
    expect(state.map(({ name, index }) => [name, index])).toEqual(
      mutable.map((index, place) => [`radon:g${place}`, index]),
    );
  });

  test('the same sources give the same bytes in another folder', async () => {
    const folders = ['one', 'two'].map((name) => join(folder, name));
    const digests = await Promise.all(
      folders.map(async (place) => {
        createAtom(place, 'thermostat');
        return (await buildAtom(readAtomProject(place))).digest;
      }),
    );
    expect(digests[0]).toEqual(digests[1]);
  });

  test.each([
    [
      'a function no node offers',
      'export function on_start(): void { Date.now(); }',
      'The module imports env.Date.now',
    ],
    ['growing memory', 'export function on_start(): void { memory.grow(1); }', 'The module uses memory.grow'],
    [
      'a handler of another type',
      'export function on_timer(id: i32): void {}',
      'on_timer has another signature',
    ],
    ['a mistake', '\nexport function on_start(): void { gone(); }', "atom.ts:2:36: Cannot find name 'gone'."],
  ])('%s is refused', async (_, source, message) => {
    const failure = await build(source).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(failure).toMatchObject({
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(/./),
    });
  });

  test('static data that fills the memory is refused with the numbers', async () => {
    const source =
      'const block = memory.data(1000);\nexport function on_start(): void { store<u8>(block, 1); }';
    await expect(build(source, { memory: 1024 })).resolves.toMatchObject({ sizes: { staticMemory: 1016 } });
    await expect(build(source, { memory: 512 })).rejects.toThrow(
      'exceeded by static data: 1016 > 512 Raise limits.memory in atom.json',
    );
  });

  test('a folder without atom is refused', () => {
    expect(() => readAtomProject(join(folder, 'nowhere'))).toThrow('has no atom.json');
  });

  test('measuring says what is missing', async () => {
    createAtom(join(folder, 'three'), 'three');
    const measure = { ...openWorkspace(folder), distribution: folder };
    await expect(buildAtom(readAtomProject(join(folder, 'three')), { measure })).rejects.toMatchObject({
      message: 'The program that measures RAM is not built.',
      exitCode: 3,
    });
  });
});

describe('createAtom', () => {
  test.each(['Pump', '1st', 'a_b', '', 'a'.repeat(33)])('"%s" is no name', (name) => {
    expect(() => createAtom(join(folder, 'four'), name)).toThrow('cannot be the name of an atom');
  });

  test('a folder in use stays as it is', () => {
    expect(() => createAtom(folder, 'pump')).toThrow('is there already');
  });
});

import { checkModule, ModuleError, readModule } from '@radon/bridge/wasm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finishModule } from './finish.ts';

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const section = (id: number, ...content: number[]) => [id, content.length, ...content];
const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];

const memory = section(5, 1, 0x00, 0x01);
/** i32 mutable 0, i64 immutable 5, f64 mutable 0. */
const globals = section(
  6,
  3,
  0x7f,
  1,
  0x41,
  0,
  0x0b,
  0x7e,
  0,
  0x42,
  5,
  0x0b,
  0x7c,
  1,
  0x44,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0x0b,
);
const exports = section(7, 1, ...text('memory'), 2, 0);
const names = section(0, ...text('name'), 1, 5, 1, 0, ...text('go'));
const type = section(1, 1, 0x60, 0, 0);
const functions = section(3, 1, 0);
const code = section(10, 1, 2, 0, 0x0b);

const moduleBytes = (...sections: number[][]) => Uint8Array.from([...header, ...sections.flat()]);
const plain = moduleBytes(type, functions, memory, globals, exports, code, names);
const options = { memory: 1024, dataEnd: 200 };

describe('finishing a module', () => {
  test('tells the loader the exact memory and exports every mutable global', () => {
    const check = checkModule(finishModule(plain, options).wasm);
    if (!check.ok) throw new Error(check.problem.detail);
    expect([check.module.heapBase, check.module.dataEnd]).toEqual([1024, 200]);
    expect(check.module.exports).toEqual([
      { name: 'memory', kind: 'memory', index: 0 },
      { name: '__heap_base', kind: 'global', index: 3 },
      { name: '__data_end', kind: 'global', index: 4 },
      { name: 'radon:g0', kind: 'global', index: 0 },
      { name: 'radon:g1', kind: 'global', index: 2 },
    ]);
  });

  test('names go beside the module, or stay on request', () => {
    const finished = finishModule(plain, options);
    expect([...finished.functionNames]).toEqual([[0, 'go']]);
    expect(readModule(finished.wasm).functionNames.size).toBe(0);
    const kept = finishModule(plain, { ...options, keepNames: true });
    expect([...readModule(kept.wasm).functionNames]).toEqual([[0, 'go']]);
  });

  test('a module without globals gets a section for them', () => {
    const check = checkModule(finishModule(moduleBytes(memory, exports), options).wasm);
    expect(check).toMatchObject({ ok: true, module: { heapBase: 1024, dataEnd: 200 } });
  });

  test('neighbouring data segments become one, distant ones stay', () => {
    const at = (offset: number[], ...bytes: number[]) => [0, 0x41, ...offset, 0x0b, bytes.length, ...bytes];
    const data = section(11, 3, ...at([8], 1, 2), ...at([12], 3), ...at([0x80, 8], 4));
    const { wasm } = finishModule(moduleBytes(memory, exports, data), options);
    const found = readModule(wasm).sections.find(({ id }) => id === 11);
    const joined = [2, ...at([8], 1, 2, 0, 0, 3), ...at([0x80, 8], 4)];
    expect([...wasm.subarray(found?.start, found?.end)]).toEqual(joined);
  });

  test('finishing twice changes nothing', () => {
    const once = finishModule(plain, options).wasm;
    expect(finishModule(once, options).wasm).toEqual(once);
  });

  test('a module that tells another memory is told the one it gets', () => {
    const once = finishModule(plain, options).wasm;
    const check = checkModule(finishModule(once, { memory: 2048, dataEnd: 208 }).wasm);
    if (!check.ok) throw new Error(check.problem.detail);
    expect([check.module.heapBase, check.module.dataEnd]).toEqual([2048, 208]);
    expect(check.module.exports.map(({ name }) => name)).toEqual([
      'memory',
      '__heap_base',
      '__data_end',
      'radon:g0',
      'radon:g1',
    ]);
  });

  test('a memory of several pages becomes one page', () => {
    const large = moduleBytes(section(5, 1, 0x00, 17), exports);
    const check = checkModule(finishModule(large, options).wasm);
    expect(check).toMatchObject({ ok: true, module: { memory: { minimum: 1, maximum: 1 } } });
  });

  test('exports that begin with radon: are made anew', () => {
    const wrong = section(7, 2, ...text('memory'), 2, 0, ...text('radon:g0'), 3, 2);
    const check = checkModule(finishModule(moduleBytes(memory, globals, wrong), options).wasm);
    if (!check.ok) throw new Error(check.problem.detail);
    const state = check.module.exports.filter(({ name }) => name.startsWith('radon:'));
    expect(state.map(({ name, index }) => [name, index])).toEqual([
      ['radon:g0', 0],
      ['radon:g1', 2],
    ]);
  });

  test('broken bytes are refused as a module, never half read', () => {
    fc.assert(
      fc.property(fc.nat(plain.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const broken = plain.slice();
        broken[at] = (broken[at] ?? 0) ^ change;
        try {
          finishModule(broken, options);
        } catch (error) {
          expect(error).toBeInstanceOf(ModuleError);
        }
      }),
    );
    for (let length = 0; length < header.length; length += 1) {
      expect(() => finishModule(plain.subarray(0, length), options)).toThrow(ModuleError);
    }
  });
});

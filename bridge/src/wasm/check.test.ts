import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleAtom } from '../../../test/support/atoms.ts';
import { type AnnotatedBytes, joinBytes, readVectors } from '../../../test/support/vectors.ts';
import { abiFeatures, abiLimits } from '../tables/index.ts';
import { checkModule } from './check.ts';
import { functionAt, functionName } from './locate.ts';
import { meterModule } from './meter.ts';
import type { CheckedModule, ModuleProblem } from './module-info.ts';
import { webAssembly } from './webassembly.ts';

interface Case {
  readonly name: string;
  readonly memoryLimit?: number;
  readonly problem?: ModuleProblem;
  readonly bytes: AnnotatedBytes;
}

const { cases } = readVectors<{ readonly cases: readonly Case[] }>('modules.json');

function problemOf(bytes: Uint8Array, memoryLimit?: number): ModuleProblem | undefined {
  const check = checkModule(bytes, memoryLimit);
  return check.ok ? undefined : check.problem;
}

function moduleOf(bytes: Uint8Array): CheckedModule {
  const check = checkModule(bytes);
  if (!check.ok) throw new Error(check.problem.detail);
  return check.module;
}

describe('checkModule', () => {
  it.each(cases)('finds what the shared vectors say: $name', ({ bytes, memoryLimit, problem }) => {
    expect(problemOf(joinBytes(bytes), memoryLimit)).toEqual(problem);
  });

  it('has a vector for every refused feature', () => {
    const seen = new Set(cases.map(({ problem }) => problem?.detail));
    expect(Object.keys(abiFeatures.refused).filter((feature) => !seen.has(feature))).toEqual([]);
  });

  it('refuses a module whose types do not fit', () => {
    const bytes = assembleAtom('(func (export "on_start") (drop (i32.const 0)))');
    const at = bytes.lastIndexOf(0x41);
    bytes[at] = 0x1a;
    bytes[at + 1] = 0x01;
    expect(problemOf(bytes)).toEqual({ error: 'BAD_MODULE', detail: 'it does not validate' });
  });

  it('refuses a module larger than any node takes', () => {
    const bytes = new Uint8Array(abiLimits.moduleBytes + 1);
    expect(problemOf(bytes)).toEqual({ error: 'BAD_MODULE', detail: 'more than 65536 bytes' });
  });

  it('refuses every module that is cut short', () => {
    const bytes = assembleAtom(
      '(func (export "on_timer") (result i32) (i32.const 0)) (data (i32.const 8) "text")',
    );
    for (let length = 0; length < bytes.length; length += 1) {
      expect(problemOf(bytes.subarray(0, length))).toBeDefined();
    }
  });

  it('takes only modules that V8 takes, also metered, whatever bytes are changed', () => {
    const seed = assembleAtom(`(table 2 funcref) (elem (i32.const 0) $f $f) (data (i32.const 8) "0123")
      (func $f (param i32) (result i32) (local $i i64)
        (block $b (loop $l (br_table $b $l (local.get 0)))) (memory.fill (i32.const 0) (i32.const 0) (i32.const 4))
        (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))`);
    const change = fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = seed.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const check = checkModule(bytes);
        if (check.ok) expect(webAssembly.validate(meterModule(bytes, check.module).bytes)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads random bytes within bounds', () => {
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(problemOf(Uint8Array.from([...header, ...bytes]))).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what a checked module tells', () => {
  it('shows imports, functions, memory, data and names', () => {
    const module = moduleOf(
      assembleAtom(
        '(data (i32.const 16) "abc") (func $helper (export "on_start") (drop (call $exit (i32.const 0))))',
      ),
    );
    expect(module).toMatchObject({
      heapBase: 1024,
      dataEnd: 512,
      memory: { minimum: 1 },
      dataBytes: 3,
      dataLimit: 19,
    });
    expect(module.imports).toEqual([
      { module: 'radon', name: 'exit', type: { params: ['i32'], results: ['i32'] } },
    ]);
    expect(module.functions).toHaveLength(1);
    expect(functionName(module, 0)).toBe('#0');
    expect(functionName(module, 1)).toBe('on_start');
  });

  it('names a function as a device does: by an export where the name section has none, cut to 32 bytes', () => {
    const module = moduleOf(assembleAtom('(func (export "on_start"))'));
    const named = (name: string) => functionName({ ...module, functionNames: new Map([[0, name]]) }, 0);
    expect(named('')).toBe('on_start');
    expect(named('x'.repeat(33))).toBe('x'.repeat(32));
    expect(named(`${'x'.repeat(31)}é`)).toBe('x'.repeat(31));
  });

  it('finds the function of an offset, and none outside every body', () => {
    const module = moduleOf(assembleAtom('(func (export "on_start")) (func (export "collect") (nop))'));
    const [first, second] = module.functions;
    expect(functionAt(module, first?.codeStart ?? 0)).toEqual({ index: 0, name: 'on_start' });
    expect(functionAt(module, (second?.end ?? 0) - 1)).toEqual({ index: 1, name: 'collect' });
    expect(functionAt(module, second?.end ?? 0)).toBeUndefined();
    expect(functionAt(module, 4)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { assembleAtom } from '../../../test/support/atoms.ts';
import { checkModule } from './check.ts';
import { functionAt } from './locate.ts';
import { meterModule } from './meter.ts';
import type { CheckedModule } from './module-info.ts';
import { webAssembly } from './webassembly.ts';

/** Kernels with a `run` export: (i32) -> i32. */
const kernels: Record<string, string> = {
  fibonacci: `(func $run (export "run") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2)) (then (local.get $n))
      (else (i32.add (call $run (i32.sub (local.get $n) (i32.const 1))) (call $run (i32.sub (local.get $n) (i32.const 2)))))))`,
  sieve: `(func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
    (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
    (local.set $i (i32.const 2))
    (block $done (loop $next
      (br_if $done (i32.ge_s (local.get $i) (local.get $n)))
      (if (i32.eqz (i32.load8_u (local.get $i))) (then
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (local.set $j (i32.mul (local.get $i) (local.get $i)))
        (block $end (loop $mark
          (br_if $end (i32.ge_s (local.get $j) (local.get $n)))
          (i32.store8 (local.get $j) (i32.const 1))
          (local.set $j (i32.add (local.get $j) (local.get $i)))
          (br $mark)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (local.get $count))`,
  dispatch: `(func (export "run") (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (block $c (block $b (block $a
        (br_table $a $b $c (i32.rem_u (local.get $n) (i32.const 3))))
        (local.set $sum (i32.add (local.get $sum) (i32.const 1))) (br $c))
        (local.set $sum (i32.mul (local.get $sum) (i32.const 3))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $n) (i32.const 0))))
    (local.get $sum))`,
  copy: `(func (export "run") (param $n i32) (result i32)
    (i32.store (i32.const 0) (local.get $n))
    (memory.copy (i32.const 100) (i32.const 0) (i32.const 4))
    (i32.load (i32.const 100)))`,
  early: `(func (export "run") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const -1))))
    (block (br_if 0 (i32.lt_s (local.get $n) (i32.const 0))) (return (local.get $n)))
    (i32.const -2))`,
};

interface Running {
  run(n: number): number;
  readonly fuel: { value: number };
}

function checked(code: Uint8Array): CheckedModule {
  const check = checkModule(code);
  if (!check.ok) throw new Error(check.problem.detail);
  return check.module;
}

function instantiate(code: Uint8Array): (n: number) => number {
  const { exports } = new webAssembly.Instance(new webAssembly.Module(code), {});
  return exports.run as (n: number) => number;
}

function instantiateMetered(code: Uint8Array): Running {
  const metered = meterModule(code, checked(code));
  const { exports } = new webAssembly.Instance(new webAssembly.Module(metered.bytes), {});
  return { run: exports.run as Running['run'], fuel: exports[metered.fuelExport] as Running['fuel'] };
}

describe('metering', () => {
  for (const [name, body] of Object.entries(kernels)) {
    it(`leaves the results of ${name} as they were`, () => {
      const code = assembleAtom(body);
      const plain = instantiate(code);
      const metered = instantiateMetered(code);
      for (const n of [0, 1, 2, 7, 15, 16]) {
        metered.fuel.value = 1_000_000;
        expect(metered.run(n)).toBe(plain(n));
        expect(metered.fuel.value).toBeLessThan(1_000_000);
      }
    });
  }

  it('charges a loop for each turn and a bulk instruction for its length', () => {
    const used = (body: string, n: number) => {
      const { run, fuel } = instantiateMetered(assembleAtom(body));
      fuel.value = 1_000_000;
      run(n);
      return 1_000_000 - fuel.value;
    };
    const turns = `(func (export "run") (param $n i32) (result i32)
      (loop $next (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 0))`;
    const fill = `(func (export "run") (param $n i32) (result i32)
      (memory.fill (i32.const 0) (i32.const 7) (local.get $n)) (i32.const 0))`;
    expect(used(turns, 1001) - used(turns, 1)).toBe(1000 * 2);
    expect(used(fill, 32_000) - used(fill, 0)).toBe(1000);
  });

  it('charges a call of a runtime function for the time that the quickest takes', () => {
    const code = assembleAtom(`(func (export "run") (param $n i32) (result i32)
      (loop $next (drop (call $event_get (i32.const 0)))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 0))`);
    const metered = meterModule(code, checked(code));
    const radon = { event_get: () => 0 };
    const { exports } = new webAssembly.Instance(new webAssembly.Module(metered.bytes), { radon });
    const fuel = exports[metered.fuelExport] as Running['fuel'];
    fuel.value = 1_000_000;
    (exports.run as Running['run'])(1000);
    expect(1_000_000 - fuel.value).toBeGreaterThan(1000 * 32);
  });

  it('charges the longest way through a choice, not all of them', () => {
    const arm = '(local.set $n (i32.add (local.get $n) (i32.const 1)))'.repeat(20);
    const used = (body: string) => {
      const { run, fuel } = instantiateMetered(
        assembleAtom(`(func (export "run") (param $n i32) (result i32) ${body} (local.get $n))`),
      );
      fuel.value = 1_000;
      run(0);
      return 1_000 - fuel.value;
    };
    const choice = used(`(if (local.get $n) (then ${arm}) (else ${arm}))`);
    expect(choice).toBeLessThan(used(arm + arm));
    expect(choice).toBeGreaterThanOrEqual(used(arm));
  });

  it.each([
    [
      'an empty endless loop',
      '(func (export "run") (param i32) (result i32) (loop $l (br $l)) (i32.const 0))',
    ],
    [
      'endless recursion that V8 could run for long',
      '(func $f (export "run") (param i32) (result i32) (drop (call $f (i32.const 0))) (i32.const 0))',
    ],
    [
      'an endless loop behind a choice',
      `(func (export "run") (param $n i32) (result i32)
        (loop $l (if (local.get $n) (then (br $l)) (else (br $l)))) (i32.const 0))`,
    ],
  ])('stops %s', (_, body) => {
    const { run, fuel } = instantiateMetered(assembleAtom(body));
    fuel.value = 1_000;
    expect(() => run(1)).toThrow(webAssembly.RuntimeError);
    expect(fuel.value).toBeLessThan(0);
  });

  it('lets a bulk instruction with a senseless length trap for what it is', () => {
    const { run, fuel } = instantiateMetered(assembleAtom(kernels.sieve ?? ''));
    fuel.value = 10_000;
    expect(() => run(-1)).toThrow('memory access out of bounds');
    expect(fuel.value).toBeGreaterThan(0);
  });

  it('leaves the bytes it was given as they were', () => {
    const code = assembleAtom(kernels.sieve ?? '');
    const before = code.slice();
    meterModule(code, checked(code));
    expect(code).toEqual(before);
  });

  it('tells where a trap is in the signed module', () => {
    const code = assembleAtom(`
      (func $first (param i32) (result i32) (loop $l (br_if $l (i32.const 0))) (i32.div_s (i32.const 1) (local.get 0)))
      (func $second (export "run") (param i32) (result i32) (i32.add (i32.const 1) (call $first (local.get 0))))`);
    const info = checked(code);
    const metered = meterModule(code, info);
    const trapOffset = (bytes: Uint8Array, fuelExport?: string) => {
      const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes), {});
      if (fuelExport !== undefined) (exports[fuelExport] as { value: number }).value = 1000;
      try {
        (exports.run as (n: number) => number)(0);
      } catch (error) {
        return Number.parseInt(/:0x([0-9a-f]+)/.exec((error as Error).stack ?? '')?.[1] ?? '', 16);
      }
      return Number.NaN;
    };
    const plain = trapOffset(code);
    expect(metered.signedOffset(trapOffset(metered.bytes, metered.fuelExport))).toBe(plain);
    expect(functionAt(info, plain)?.index).toBe(0);
  });

  it('keeps its global apart from an export of the same name', () => {
    const code = assembleAtom(`(global $g (mut i32) (i32.const 5)) (export "radon:fuel" (global $g))
      (func (export "run") (param i32) (result i32) (global.get $g))`);
    const { run, fuel } = instantiateMetered(code);
    fuel.value = 100;
    expect(run(0)).toBe(5);
  });
});

import { describe, expect, it } from 'vitest';
import { toHex } from '../../fields/index.ts';
import type { ModuleInfo, ValueType } from '../../wasm/index.ts';
import { readState, stateTypes, writeState } from './guest-globals.ts';

interface Global {
  value: number | bigint;
}

declare const WebAssembly: {
  readonly Global: new (type: { value: ValueType; mutable: boolean }, value: number | bigint) => Global;
};

const types: readonly ValueType[] = ['i32', 'i64', 'f32', 'f64'];

function moduleWith(names: readonly string[], mutable = true): ModuleInfo {
  const globals = types.map((type) => ({ type, mutable }));
  const exports = names.map((name, index) => ({ name, kind: 'global' as const, index }));
  return { globals, exports } as unknown as ModuleInfo;
}

const names = ['radon:g0', 'radon:g1', 'radon:g2', 'radon:g3'];

function instanceExports(): Record<string, Global> {
  return Object.fromEntries(
    types.map((value, index) => {
      const zero = value === 'i64' ? 0n : 0;
      return [`radon:g${index}`, new WebAssembly.Global({ value, mutable: true }, zero)];
    }),
  );
}

describe('the globals of a snapshot', () => {
  it.each([
    ['numbers below 0', ['ffffffff', '0000000000000080', '0000c0bf', '000000000000f8bf']],
    [
      'quiet and signalling NaNs with their bits',
      ['01000000', '0100000000000000', '0100a07f', '010000000000f47f'],
    ],
    ['-0', ['00000000', '0000000000000000', '00000080', '0000000000000080']],
  ])('keep %s', (_, hex) => {
    const exports = instanceExports();
    const values = hex.map((text) => new Uint8Array(Buffer.from(text, 'hex')));
    writeState(moduleWith(names), exports, values);
    expect(readState(moduleWith(names), exports).map(toHex)).toEqual(hex);
  });

  it('end at the first number that is missing', () => {
    expect(stateTypes(moduleWith(['radon:g0', 'radon:g1', 'other', 'radon:g3']))).toEqual(['i32', 'i64']);
  });

  it('are mutable', () => {
    expect(stateTypes(moduleWith(names, false))).toEqual([]);
  });
});

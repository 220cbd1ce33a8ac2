import type { ModuleInfo, ValueType } from '../../wasm/index.ts';
import { type WasmImports, webAssembly } from '../../wasm/webassembly.ts';

/** A mutable global that a module exports as `radon:gN`. */
interface StateGlobal {
  readonly type: ValueType;
  readonly global: { value: number | bigint };
}

const stateName = (index: number) => `radon:g${index}`;

/** Types of radon:g0, radon:g1 … in a module. */
export function stateTypes(info: ModuleInfo): readonly ValueType[] {
  const types: ValueType[] = [];
  for (;;) {
    const found = info.exports.find(
      ({ name, kind }) => kind === 'global' && name === stateName(types.length),
    );
    const global = found && info.globals[found.index];
    if (global?.mutable !== true) return types;
    types.push(global.type);
  }
}

/** Bytes of a global in a snapshot. */
export function stateSize(type: ValueType): number {
  return type === 'i32' || type === 'f32' ? 4 : 8;
}

/** The bits of an instance's globals, little endian: a NaN keeps them. */
export function readState(info: ModuleInfo, exports: Readonly<Record<string, unknown>>): Uint8Array[] {
  return globalsOf(info, exports).map(({ type, global }) => {
    const view = new DataView(new ArrayBuffer(stateSize(type)));
    const bits = isFloat(type) ? floatBits(type, global).get() : global.value;
    if (typeof bits === 'bigint') view.setBigInt64(0, bits, true);
    else view.setInt32(0, bits, true);
    return new Uint8Array(view.buffer);
  });
}

export function writeState(
  info: ModuleInfo,
  exports: Readonly<Record<string, unknown>>,
  values: readonly Uint8Array[],
): void {
  globalsOf(info, exports).forEach(({ type, global }, index) => {
    const bytes = values[index] ?? new Uint8Array(stateSize(type));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const bits = stateSize(type) === 4 ? view.getInt32(0, true) : view.getBigInt64(0, true);
    if (isFloat(type)) floatBits(type, global).set(bits);
    else global.value = bits;
  });
}

function globalsOf(info: ModuleInfo, exports: Readonly<Record<string, unknown>>): StateGlobal[] {
  return stateTypes(info).map((type, index) => {
    return { type, global: exports[stateName(index)] as StateGlobal['global'] };
  });
}

function isFloat(type: ValueType): type is 'f32' | 'f64' {
  return type === 'f32' || type === 'f64';
}

interface FloatBits {
  get(): number | bigint;
  set(bits: number | bigint): void;
}

/** JavaScript may change the bits of a NaN, so they are moved inside WebAssembly. */
function floatBits(type: 'f32' | 'f64', global: StateGlobal['global']): FloatBits {
  const imports = { state: { global } } as unknown as WasmImports;
  const module = new webAssembly.Module(bitsModule(type));
  return new webAssembly.Instance(module, imports).exports as unknown as FloatBits;
}

/** `(import "state" "global" (global (mut T)))`, `get` and `set` that reinterpret it as an integer of its size. */
function bitsModule(type: 'f32' | 'f64'): Uint8Array {
  const [float, integer, toInteger, toFloat] =
    type === 'f32' ? [0x7d, 0x7f, 0xbc, 0xbe] : [0x7c, 0x7e, 0xbd, 0xbf];
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const section = (id: number, content: readonly number[]) => [id, content.length, ...content];
  const get = [0, 0x23, 0, toInteger, 0x0b];
  const set = [0, 0x20, 0, toFloat, 0x24, 0, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 0, 1, integer, 0x60, 1, integer, 0]),
    ...section(2, [1, ...name('state'), ...name('global'), 3, float, 1]),
    ...section(3, [2, 0, 1]),
    ...section(7, [2, ...name('get'), 0, 0, ...name('set'), 0, 1]),
    ...section(10, [2, get.length, ...get, set.length, ...set]),
  ]);
}

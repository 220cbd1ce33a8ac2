import { ByteWriter, type ModuleInfo, readModule, sectionId } from '@radon/bridge/wasm';
import { joinSegments } from './data-segments.ts';

export interface FinishOptions {
  /** Exact bytes of linear memory that nodes give the module; a multiple of 8. */
  readonly memory: number;
  /** First byte behind the static data. */
  readonly dataEnd: number;
  /** Leaves the name section in the module. */
  readonly keepNames?: boolean;
}

export interface FinishedModule {
  readonly wasm: Uint8Array;
  /** Names the module carried, by function index: left out of what is pushed, kept beside it. */
  readonly functionNames: ReadonlyMap<number, string>;
}

type Export = ModuleInfo['exports'][number];

const headerBytes = 8;
const exportKinds: readonly Export['kind'][] = ['function', 'table', 'memory', 'global'];
const limitNames: readonly string[] = ['__heap_base', '__data_end'];
/** One memory of exactly one page of 64 KiB, which nodes cut to the byte. */
const onePage = [1, 0x01, 1, 1];
/** An immutable i32 global: type, mutability, `i32.const`; its value and `end` follow. */
const constantHead = [0x7f, 0x00, 0x41];
const constantEnd = 0x0b;

/**
 * Makes a compiled module one that nodes take: `__heap_base` and `__data_end` tell the loader its exact memory, every
 * mutable global is exported as `radon:gN` so that a snapshot can hold it, neighbouring data segments are joined, and
 * custom sections go. Throws ModuleError for bytes nodes refuse to read.
 */
export function finishModule(wasm: Uint8Array, options: FinishOptions): FinishedModule {
  const { memory, dataEnd, keepNames = false } = options;
  const info = readModule(wasm);
  const isTold =
    constantExport(info, '__heap_base') === memory && constantExport(info, '__data_end') === dataEnd;
  const constants = isTold ? [] : [memory, dataEnd];
  const sections = contents(wasm, info);
  if (info.memory !== undefined) sections.set(sectionId.memory, Uint8Array.from(onePage));
  addConstants(sections, constants);
  const first = info.globals.length;
  const limits = limitNames
    .slice(0, constants.length)
    .map((name, place) => globalExport(name, first + place));
  sections.set(
    sectionId.export,
    writeExports([...ownExports(info, isTold), ...limits, ...stateExports(info)]),
  );
  joinData(sections);
  const names = keepNames ? nameSection(wasm, info) : new Uint8Array(0);
  return { wasm: assemble(wasm, sections, names), functionNames: info.functionNames };
}

/** Value of an exported immutable i32 global; undefined where there is none. */
export function constantExport(info: ModuleInfo, name: string): number | undefined {
  const found = info.exports.find((entry) => entry.name === name);
  const global = found?.kind === 'global' ? info.globals[found.index] : undefined;
  return global === undefined || global.mutable || global.initial === undefined
    ? undefined
    : global.initial >>> 0;
}

function globalExport(name: string, index: number): Export {
  return { name, kind: 'global', index };
}

/** What the module exports itself; names that begin with `radon:` are ours. */
function ownExports(info: ModuleInfo, withLimits: boolean): Export[] {
  return info.exports.filter(
    ({ name }) => !name.startsWith('radon:') && (withLimits || !limitNames.includes(name)),
  );
}

/** One export for each mutable global, numbered by place: `radon:g0`, `radon:g1` … */
function stateExports(info: ModuleInfo): Export[] {
  return info.globals
    .flatMap(({ mutable }, index) => (mutable ? [index] : []))
    .map((index, place) => globalExport(`radon:g${place}`, index));
}

/** Contents by section id, in the order of the module, custom sections left out. */
function contents(wasm: Uint8Array, info: ModuleInfo): Map<number, Uint8Array> {
  const plain = info.sections.filter(({ id }) => id !== sectionId.custom);
  return new Map(plain.map(({ id, start, end }) => [id, wasm.subarray(start, end)]));
}

function joinData(sections: Map<number, Uint8Array>): void {
  const joined = joinSegments(sections.get(sectionId.data) ?? Uint8Array.of(0));
  if (joined === undefined) return;
  sections.set(sectionId.data, joined.content);
  if (!sections.has(sectionId.dataCount)) return;
  const count = new ByteWriter();
  count.u32(joined.count);
  sections.set(sectionId.dataCount, count.bytes());
}

/** The whole name section with its head; empty where the module has none. */
function nameSection(wasm: Uint8Array, info: ModuleInfo): Uint8Array {
  const section = info.sections.find(({ id, name }) => id === sectionId.custom && name === 'name');
  if (section === undefined) return new Uint8Array(0);
  const content = wasm.subarray(section.start, section.end);
  const title = new TextEncoder().encode('name');
  const out = new ByteWriter(content.length + 16);
  out.byte(sectionId.custom);
  out.u32(1 + title.length + content.length);
  out.u32(title.length);
  out.append(title);
  out.append(content);
  return out.bytes();
}

/** Appends constants to the globals. */
function addConstants(sections: Map<number, Uint8Array>, values: readonly number[]): void {
  if (values.length === 0) return;
  const content = sections.get(sectionId.global) ?? Uint8Array.of(0);
  const { count, length } = vectorHead(content);
  const out = new ByteWriter(content.length + 32);
  out.u32(count + values.length);
  out.append(content.subarray(length));
  for (const value of values) writeConstant(out, value);
  sections.set(sectionId.global, out.bytes());
}

/** Count of a vector and the bytes it takes (unsigned LEB128); the reader has checked it. */
function vectorHead(content: Uint8Array): { count: number; length: number } {
  let count = 0;
  let length = 0;
  for (let byte = 0x80; byte >= 0x80; length += 1) {
    byte = content[length] ?? 0;
    count += (byte & 0x7f) * 2 ** (7 * length);
  }
  return { count, length };
}

function writeConstant(out: ByteWriter, value: number): void {
  out.append(constantHead);
  out.s32(value);
  out.byte(constantEnd);
}

function writeExports(exports: readonly Export[]): Uint8Array {
  const out = new ByteWriter(256);
  out.u32(exports.length);
  for (const { name, kind, index } of exports) {
    const text = new TextEncoder().encode(name);
    out.u32(text.length);
    out.append(text);
    out.byte(exportKinds.indexOf(kind));
    out.u32(index);
  }
  return out.bytes();
}

/** Sections in the order the specification asks for; the data count stands before the code. */
const order = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

function assemble(
  wasm: Uint8Array,
  sections: ReadonlyMap<number, Uint8Array>,
  names: Uint8Array,
): Uint8Array {
  const out = new ByteWriter(wasm.length);
  out.append(wasm.subarray(0, headerBytes));
  for (const id of order) {
    const content = sections.get(id);
    if (content === undefined) continue;
    out.byte(id);
    out.u32(content.length);
    out.append(content);
  }
  out.append(names);
  return out.bytes().slice();
}

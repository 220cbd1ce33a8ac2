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

interface GlobalExport {
  readonly name: string;
  readonly index: number;
}

const headerBytes = 8;
const globalKind = 0x03;
/** An immutable i32 global: type, mutability, `i32.const`; its value and `end` follow. */
const constantHead = [0x7f, 0x00, 0x41];
const constantEnd = 0x0b;

/**
 * Makes a compiled module one that nodes take: `__heap_base` and `__data_end` tell the loader its exact memory, every
 * mutable global is exported as `radon:gN` so that a snapshot can hold it, neighbouring data segments are joined, and
 * custom sections go. A module that exports
 * `__heap_base` itself (clang, Zig, Rust) keeps its own figures. Throws ModuleError for bytes nodes refuse to read.
 */
export function finishModule(wasm: Uint8Array, options: FinishOptions): FinishedModule {
  const { memory, dataEnd, keepNames = false } = options;
  const info = readModule(wasm);
  const owned = info.exports.some(({ name }) => name === '__heap_base');
  const constants = owned ? [] : [memory, dataEnd];
  const first = info.globals.length;
  const limits = owned ? [] : [named('__heap_base', first), named('__data_end', first + 1)];
  const sections = contents(wasm, info);
  extend(sections, sectionId.global, constants.length, (out) => {
    for (const value of constants) writeConstant(out, value);
  });
  const exports = [...limits, ...stateExports(info)];
  extend(sections, sectionId.export, exports.length, (out) => {
    for (const entry of exports) writeExport(out, entry);
  });
  joinData(sections);
  const names = keepNames ? nameSection(wasm, info) : new Uint8Array(0);
  return { wasm: assemble(wasm, sections, names), functionNames: info.functionNames };
}

function named(name: string, index: number): GlobalExport {
  return { name, index };
}

/** One export for each mutable global that has none, numbered by place: `radon:g0`, `radon:g1` … */
function stateExports(info: ModuleInfo): GlobalExport[] {
  const taken = new Set(info.exports.filter(({ kind }) => kind === 'global').map(({ name }) => name));
  return info.globals
    .flatMap(({ mutable }, index) => (mutable ? [index] : []))
    .map((index, place) => named(`radon:g${place}`, index))
    .filter(({ name }) => !taken.has(name));
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

/** Appends items to a section that is a vector. Global and export sections exist in every module with state. */
function extend(
  sections: Map<number, Uint8Array>,
  id: number,
  added: number,
  write: (out: ByteWriter) => void,
): void {
  if (added === 0) return;
  const content = sections.get(id) ?? Uint8Array.of(0);
  const { count, length } = vectorHead(content);
  const out = new ByteWriter(content.length + 32 * added);
  out.u32(count + added);
  out.append(content.subarray(length));
  write(out);
  sections.set(id, out.bytes());
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

function writeExport(out: ByteWriter, { name, index }: GlobalExport): void {
  const text = new TextEncoder().encode(name);
  out.u32(text.length);
  out.append(text);
  out.byte(globalKind);
  out.u32(index);
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

import { abiLimits } from '../tables/index.ts';
import { ByteReader } from './byte-reader.ts';
import { readInstruction, readValueType, refuse } from './instructions.ts';
import type {
  DefinedFunction,
  ExportKind,
  FunctionImport,
  FunctionType,
  ModuleExport,
  ModuleGlobal,
  ModuleInfo,
  Section,
} from './module-info.ts';
import { ModuleError } from './module-info.ts';

export const sectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** Sections other than custom ones come once and in this order; the data count stands before the code. */
const sectionOrder: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

const exportKinds: readonly ExportKind[] = ['function', 'table', 'memory', 'global'];

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

interface Draft extends Mutable<Omit<ModuleInfo, 'functionNames'>> {
  /** Type indices of the function section, until the code section gives them bodies. */
  declared: FunctionType[];
  functionNames: Map<number, string>;
}

/** Reads a module's sections and instructions; throws ModuleError for anything nodes do not take. */
export function readModule(bytes: Uint8Array): ModuleInfo {
  if (bytes.length > abiLimits.moduleBytes) {
    throw new ModuleError('BAD_MODULE', `more than ${abiLimits.moduleBytes} bytes`);
  }
  const draft: Draft = {
    size: bytes.length,
    sections: [],
    types: [],
    imports: [],
    functions: [],
    globals: [],
    exports: [],
    tableEntries: 0,
    dataBytes: 0,
    dataLimit: 0,
    declared: [],
    functionNames: new Map(),
  };
  const reader = new ByteReader(bytes);
  readHeader(reader);
  let last = -1;
  while (!reader.done) last = readSection(reader, draft, last);
  if (draft.functions.length !== draft.declared.length) reader.fail('functions without code');
  const { declared: _, ...info } = draft;
  return info;
}

function readHeader(reader: ByteReader): void {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  for (const expected of header) if (reader.byte() !== expected) reader.fail('not WebAssembly version 1');
}

/** Reads one section and answers its place in the order. */
function readSection(reader: ByteReader, draft: Draft, last: number): number {
  const id = reader.byte();
  if (id === sectionId.tag) refuse('exceptions');
  if (id === sectionId.start) refuse('start-section');
  const content = reader.slice(reader.u32());
  if (id === sectionId.custom) {
    readCustom(content, draft);
    return last;
  }
  const place = sectionOrder.indexOf(id);
  if (place < 0) content.fail('unknown section');
  if (place <= last) content.fail('section out of order');
  draft.sections.push({ id, name: '', start: content.at, end: content.end });
  readers[id]?.(content, draft);
  if (!content.done) content.fail('section is too long');
  return place;
}

type SectionReader = (reader: ByteReader, draft: Draft) => void;

/** Reads a vector: its count, then each item. */
function each(reader: ByteReader, item: (index: number) => void): void {
  const count = reader.count();
  for (let index = 0; index < count; index += 1) item(index);
}

const readers: Readonly<Record<number, SectionReader>> = {
  [sectionId.type]: (reader, draft) => each(reader, () => draft.types.push(readFunctionType(reader))),
  [sectionId.import]: readImports,
  [sectionId.function]: readFunctions,
  [sectionId.table]: readTables,
  [sectionId.memory]: readMemories,
  [sectionId.global]: (reader, draft) => each(reader, () => draft.globals.push(readGlobal(reader))),
  [sectionId.export]: (reader, draft) => each(reader, () => draft.exports.push(readExport(reader))),
  [sectionId.element]: (reader) => each(reader, () => readElement(reader)),
  [sectionId.dataCount]: (reader) => void reader.u32(),
  [sectionId.code]: readCode,
  [sectionId.data]: (reader, draft) => each(reader, () => readData(reader, draft)),
};

function readFunctionType(reader: ByteReader): FunctionType {
  const form = reader.byte();
  if (form !== 0x60) {
    if (form >= 0x4e && form <= 0x5f) refuse('gc');
    reader.fail('unknown type form');
  }
  const list = () => {
    const types: FunctionType['params'][number][] = [];
    each(reader, () => types.push(readValueType(reader)));
    return types;
  };
  return { params: list(), results: list() };
}

function typeAt(reader: ByteReader, draft: Draft): FunctionType {
  return draft.types[reader.u32()] ?? reader.fail('no such type');
}

/** Only functions can come from a node; what else a module imports is as foreign as another module's function. */
function readImport(reader: ByteReader, draft: Draft): FunctionImport {
  const module = reader.name();
  const name = reader.name();
  const kind = reader.byte();
  if (kind === 4) refuse('exceptions');
  if (kind > 4) reader.fail('unknown kind of import');
  if (kind !== 0) throw new ModuleError('FOREIGN_IMPORT', `${module}.${name}`);
  return { module, name, type: typeAt(reader, draft) };
}

function readImports(reader: ByteReader, draft: Draft): void {
  each(reader, () => draft.imports.push(readImport(reader, draft)));
  if (draft.imports.length > abiLimits.functions) reader.fail('too many imports');
}

function readFunctions(reader: ByteReader, draft: Draft): void {
  each(reader, () => draft.declared.push(typeAt(reader, draft)));
  if (draft.declared.length > abiLimits.functions) reader.fail('too many functions');
}

function readTables(reader: ByteReader, draft: Draft): void {
  if (reader.u32() > 1) refuse('reference-types');
  if (reader.done) return;
  const type = reader.byte();
  if (type === 0x6f) refuse('reference-types');
  if (type !== 0x70) type === 0x40 || type < 0x70 ? refuse('gc') : reader.fail('unknown table type');
  draft.tableEntries = readLimits(reader).minimum;
}

function readMemories(reader: ByteReader, draft: Draft): void {
  if (reader.u32() > 1) reader.fail('more than one memory');
  if (!reader.done) draft.memory = readLimits(reader);
}

function readLimits(reader: ByteReader): { minimum: number; maximum?: number } {
  const flags = reader.byte();
  if (flags & 0x04) refuse('memory64');
  if (flags & 0x02) refuse('threads');
  if (flags > 1) reader.fail('unknown limits');
  const minimum = reader.u32();
  return flags === 1 ? { minimum, maximum: reader.u32() } : { minimum };
}

function readGlobal(reader: ByteReader): ModuleGlobal {
  const type = readValueType(reader, 'reference-typed-globals');
  const mutability = reader.byte();
  if (mutability > 1) reader.fail('unknown mutability');
  const initial = readConstant(reader);
  const global = { type, mutable: mutability === 1 };
  return type === 'i32' && initial !== undefined ? { ...global, initial } : global;
}

/** A constant expression: one constant (or a global's value) and `end`; answers the value of an i32.const. */
function readConstant(reader: ByteReader): number | undefined {
  const op = reader.bytes[reader.at];
  let value: number | undefined;
  if (op === 0x41) {
    reader.skip(1);
    value = reader.s32();
  } else {
    const read = readInstruction(reader);
    if (read !== 0x23 && (read < 0x42 || read > 0x44)) reader.fail('not a constant');
  }
  if (reader.byte() !== 0x0b) reader.fail('constant expression without end');
  return value;
}

function readExport(reader: ByteReader): ModuleExport {
  const name = reader.name();
  const byte = reader.byte();
  if (byte === 4) refuse('exceptions');
  const kind = exportKinds[byte] ?? reader.fail('unknown kind of export');
  return { name, kind, index: reader.u32() };
}

function readElement(reader: ByteReader): void {
  if (reader.u32() !== 0) refuse('reference-types');
  readConstant(reader);
  each(reader, () => reader.u32());
}

function readCode(reader: ByteReader, draft: Draft): void {
  each(reader, (position) => draft.functions.push(readFunction(reader, draft, position)));
}

function readFunction(reader: ByteReader, draft: Draft, position: number): DefinedFunction {
  const type = draft.declared[position] ?? reader.fail('code without a function');
  const body = reader.slice(reader.u32());
  const bodyStart = body.at;
  const locals = readLocals(body);
  const codeStart = body.at;
  let op = -1;
  while (!body.done) op = readInstruction(body);
  if (op !== 0x0b) body.fail('function without end');
  return { index: draft.imports.length + position, type, bodyStart, codeStart, end: body.end, locals };
}

function readLocals(reader: ByteReader): number {
  let total = 0;
  each(reader, () => {
    total += reader.u32();
    if (total > 50_000) reader.fail('too many locals');
    readValueType(reader);
  });
  return total;
}

function readData(reader: ByteReader, draft: Draft): void {
  const flags = reader.u32();
  if (flags > 2) reader.fail('unknown data segment');
  if (flags === 2 && reader.u32() !== 0) reader.fail('no such memory');
  const offset = flags === 1 ? undefined : readConstant(reader);
  const length = reader.u32();
  reader.skip(length);
  draft.dataBytes += length;
  if (offset !== undefined) draft.dataLimit = Math.max(draft.dataLimit, (offset >>> 0) + length);
}

function readCustom(reader: ByteReader, draft: Draft): void {
  const name = reader.name();
  const section: Section = { id: sectionId.custom, name, start: reader.at, end: reader.end };
  draft.sections.push(section);
  if (name === 'name') readNames(reader, draft.functionNames);
}

/** A damaged name section costs its names, never the module (WebAssembly specification, appendix). */
function readNames(reader: ByteReader, names: Map<number, string>): void {
  try {
    while (!reader.done) {
      const id = reader.byte();
      const content = reader.slice(reader.u32());
      if (id !== 1) continue;
      each(content, () => names.set(content.u32(), content.name()));
    }
  } catch {
    names.clear();
  }
}

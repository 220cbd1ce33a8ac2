import type { ByteReader } from './byte-reader.ts';
import { ModuleError, type ValueType } from './module-info.ts';

/** Opcodes that the readers of this folder tell apart. */
export const opcode = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  bulk: 0xfc,
  memoryInit: 0xfc08,
  memoryCopy: 0xfc0a,
  memoryFill: 0xfc0b,
} as const;

/** Refused single-byte opcodes by the feature's name in docs/atom-abi.json. */
const refusedOpcodes: Readonly<Record<number, string>> = {
  6: 'exceptions',
  7: 'exceptions',
  8: 'exceptions',
  9: 'exceptions',
  10: 'exceptions',
  18: 'tail-calls',
  19: 'tail-calls',
  20: 'gc',
  21: 'gc',
  24: 'exceptions',
  25: 'exceptions',
  28: 'reference-types',
  31: 'exceptions',
  37: 'reference-types',
  38: 'table.set',
  63: 'memory.size',
  64: 'memory.grow',
  208: 'reference-types',
  209: 'reference-types',
  210: 'reference-types',
  211: 'gc',
  212: 'gc',
  213: 'gc',
  214: 'gc',
  251: 'gc',
  253: 'simd',
  254: 'threads',
};

/** Refused second bytes after 0xFC. */
const refusedBulk: Readonly<Record<number, string>> = {
  9: 'data.drop',
  12: 'table.init',
  13: 'elem.drop',
  14: 'table.copy',
  15: 'table.grow',
  16: 'reference-types',
  17: 'table.fill',
};

const valueTypes: Readonly<Record<number, ValueType>> = { 127: 'i32', 126: 'i64', 125: 'f32', 124: 'f64' };

/** Refused type bytes; what is in no table is not a type. */
const refusedTypes: Readonly<Record<number, string>> = {
  123: 'simd',
  112: 'reference-types',
  111: 'reference-types',
};

export function refuse(feature: string): never {
  throw new ModuleError('REFUSED_FEATURE', feature);
}

/** A value type of the MVP; `reference` names the feature a reference type is refused as here. */
export function readValueType(reader: ByteReader, reference = 'reference-types'): ValueType {
  const byte = reader.byte();
  const type = valueTypes[byte];
  if (type !== undefined) return type;
  const refused = refusedTypes[byte];
  if (refused === 'simd') refuse('simd');
  if (refused !== undefined) refuse(reference);
  if (byte >= 0x5e && byte <= 0x74) refuse('gc');
  return reader.fail('unknown type');
}

/** Steps over a block type: empty, one value type, or the index of a function type (multi-value). */
function skipBlockType(reader: ByteReader): void {
  const byte = reader.bytes[reader.at] ?? 0;
  if (byte === 0x40) reader.skip(1);
  else if (byte > 0x40 && byte < 0x80) readValueType(reader);
  else reader.skipSigned(33);
}

function skipBranchTable(reader: ByteReader): void {
  for (let left = reader.count(); left >= 0; left -= 1) reader.u32();
}

/** Alignment and offset; an alignment above 8 bytes is another feature's flag or nonsense. */
function skipMemoryArgument(reader: ByteReader): void {
  if (reader.u32() > 3) reader.fail('alignment too large');
  reader.u32();
}

/** Instructions of the bulk-memory and saturating-conversion features: the number after 0xFC. */
function readBulk(reader: ByteReader): number {
  const second = reader.u32();
  const refused = refusedBulk[second];
  if (refused !== undefined) refuse(refused);
  if (second > 11) reader.fail('unknown opcode');
  if (second === 8) reader.u32();
  const memories = second === 10 ? 2 : second === 8 || second === 11 ? 1 : 0;
  for (let left = memories; left > 0; left -= 1) expectZero(reader);
  return (opcode.bulk << 8) | second;
}

/** Memory and table indices are one zero byte: nodes know one memory and one table. */
function expectZero(reader: ByteReader): void {
  if (reader.byte() !== 0) reader.fail('zero byte expected');
}

/**
 * Reads one instruction with its immediates and answers its opcode; for 0xFC the two bytes as one number. A refused
 * feature or an unknown opcode throws.
 */
export function readInstruction(reader: ByteReader): number {
  const op = reader.byte();
  const refused = refusedOpcodes[op];
  if (refused !== undefined) refuse(refused);
  if (op >= 0x45 && op <= 0xc4) return op;
  if (op >= 0x28 && op <= 0x3e) skipMemoryArgument(reader);
  else if (op >= 0x20 && op <= 0x24) reader.u32();
  else if (op >= 0x41 && op <= 0x44) skipConstant(reader, op);
  else if (op === opcode.bulk) return readBulk(reader);
  else skipControl(reader, op);
  return op;
}

function skipConstant(reader: ByteReader, op: number): void {
  if (op === 0x41) reader.s32();
  else if (op === 0x42) reader.skipSigned(64);
  else reader.skip(op === 0x43 ? 4 : 8);
}

const none = () => undefined;
const oneIndex = (reader: ByteReader) => void reader.u32();

/** Immediates of control and parametric instructions; what is missing here is not an instruction. */
const control: Readonly<Record<number, (reader: ByteReader) => void>> = {
  [opcode.unreachable]: none,
  [opcode.nop]: none,
  [opcode.block]: skipBlockType,
  [opcode.loop]: skipBlockType,
  [opcode.if]: skipBlockType,
  [opcode.else]: none,
  [opcode.end]: none,
  [opcode.br]: oneIndex,
  [opcode.brIf]: oneIndex,
  [opcode.brTable]: skipBranchTable,
  [opcode.return]: none,
  [opcode.call]: oneIndex,
  [opcode.callIndirect]: (reader) => {
    reader.u32();
    expectZero(reader);
  },
  [opcode.drop]: none,
  [opcode.select]: none,
};

function skipControl(reader: ByteReader, op: number): void {
  const skip = control[op];
  if (skip === undefined) reader.fail('unknown opcode');
  skip(reader);
}

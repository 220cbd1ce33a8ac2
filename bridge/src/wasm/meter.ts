import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type FunctionCost, measureCost } from './cost.ts';
import type { DefinedFunction, ModuleInfo, Section } from './module-info.ts';
import { sectionId } from './sections.ts';

/** Instructions that one unit of fuel pays for. */
const instructionsPerUnit = 4;

/** One unit of fuel pays for 2^5 bytes that a bulk instruction copies or fills. */
const bulkShift = 5;

/**
 * Units of fuel that stand for one millisecond of an atom's running time: 0.8 million instructions, between what V8's
 * two compilers reach. A deadline of 10 s still fits an i32, so that a limit never depends on how busy the machine is.
 */
export const fuelPerMs = 200_000;

/** A module that stops itself: its exported mutable i32 global `fuelExport` is counted down, below 0 it traps. */
export interface MeteredModule {
  readonly bytes: Uint8Array;
  readonly fuelExport: string;
  /** Byte offset in the signed module of an offset in the metered one, as V8's stack traces tell it. */
  signedOffset(meteredOffset: number): number;
}

/** A run of bytes taken over unchanged. */
interface Run {
  readonly metered: number;
  readonly signed: number;
  readonly length: number;
}

/**
 * Inserts metering into a checked module: at each function's entry and each loop's head the longest way through is paid
 * for, and bulk instructions pay for their length. The bytes given stay as they are.
 */
export function meterModule(bytes: Uint8Array, info: ModuleInfo): MeteredModule {
  const rewrite = new Rewrite(bytes, info);
  for (const section of info.sections) rewrite.section(section);
  return {
    bytes: rewrite.out.bytes(),
    fuelExport: rewrite.fuelExport,
    signedOffset: (offset) => signedOffset(rewrite.runs, offset),
  };
}

function signedOffset(runs: readonly Run[], offset: number): number {
  const run = runs.findLast((candidate) => candidate.metered <= offset);
  return run === undefined ? 0 : run.signed + Math.min(offset - run.metered, run.length);
}

class Rewrite {
  readonly out: ByteWriter;
  readonly runs: Run[] = [];
  readonly fuelExport: string;
  readonly #bytes: Uint8Array;
  readonly #info: ModuleInfo;
  readonly #fuel: number;
  readonly #hasGlobals: boolean;

  constructor(bytes: Uint8Array, info: ModuleInfo) {
    this.#bytes = bytes;
    this.#info = info;
    this.#fuel = info.globals.length;
    this.#hasGlobals = info.sections.some((section) => section.id === sectionId.global);
    this.fuelExport = freeExportName(info);
    this.out = new ByteWriter(bytes.length * 2);
    this.out.append(bytes.subarray(0, 8));
  }

  /** Custom sections are left out: names are looked up in the signed module. */
  section(section: Section): void {
    if (section.id === sectionId.custom) return;
    if (section.id === sectionId.export && !this.#hasGlobals)
      this.#content(sectionId.global, this.#globals());
    if (section.id === sectionId.global) this.#content(section.id, this.#globals(section));
    else if (section.id === sectionId.export) this.#content(section.id, this.#exports(section));
    else if (section.id === sectionId.code) this.#code();
    else this.#content(section.id, this.#bytes.subarray(section.start, section.end));
  }

  #content(id: number, content: Uint8Array): void {
    this.out.byte(id);
    this.out.u32(content.length);
    this.out.append(content);
  }

  /** A vector section with one item more: its count, the items that were there, the new one. */
  #extended(section: Section | undefined, item: Uint8Array | readonly number[]): Uint8Array {
    const writer = new ByteWriter();
    if (section === undefined) writer.u32(1);
    else {
      const reader = new ByteReader(this.#bytes, section.start, section.end);
      writer.u32(reader.u32() + 1);
      writer.append(this.#bytes.subarray(reader.at, section.end));
    }
    writer.append(item);
    return writer.bytes();
  }

  #globals(section?: Section): Uint8Array {
    return this.#extended(section, [0x7f, 0x01, 0x41, 0x00, 0x0b]);
  }

  #exports(section: Section): Uint8Array {
    const name = new TextEncoder().encode(this.fuelExport);
    const item = new ByteWriter();
    item.u32(name.length);
    item.append(name);
    item.byte(0x03);
    item.u32(this.#fuel);
    return this.#extended(section, item.bytes());
  }

  /** Sizes come before what they count, so every body is made first. */
  #code(): void {
    const bodies = this.#info.functions.map((entry) => meterBody(this.#bytes, entry, this.#fuel));
    const count = new ByteWriter(8);
    count.u32(bodies.length);
    const size = bodies.reduce(
      (sum, body) => sum + lebLength(body.bytes.length) + body.bytes.length,
      count.length,
    );
    this.out.byte(sectionId.code);
    this.out.u32(size);
    this.out.append(count.bytes());
    for (const body of bodies) {
      this.out.u32(body.bytes.length);
      for (const run of body.runs) this.runs.push({ ...run, metered: run.metered + this.out.length });
      this.out.append(body.bytes);
    }
  }
}

/** A name the module does not use itself. */
function freeExportName(info: ModuleInfo): string {
  const taken = new Set(info.exports.map((entry) => entry.name));
  let name = 'radon:fuel';
  while (taken.has(name)) name += "'";
  return name;
}

function lebLength(value: number): number {
  return value < 0x80 ? 1 : 1 + lebLength(Math.floor(value / 128));
}

interface Insertion {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** One function's body with its payments; `runs` count from the body's first byte. */
function meterBody(
  bytes: Uint8Array,
  entry: DefinedFunction,
  fuel: number,
): { bytes: Uint8Array; runs: Run[] } {
  const cost = measureCost(new ByteReader(bytes, entry.codeStart, entry.end));
  const out = new ByteWriter(entry.end - entry.bodyStart + 32);
  const runs: Run[] = [];
  writeLocals(out, bytes, entry, cost.bulk.length > 0);
  let from = entry.codeStart;
  const copy = (to: number) => {
    runs.push({ metered: out.length, signed: from, length: to - from });
    out.append(bytes.subarray(from, to));
    from = to;
  };
  for (const insertion of insertions(cost, fuel, entry.type.params.length + entry.locals)) {
    copy(insertion.at);
    out.append(insertion.bytes);
  }
  copy(entry.end);
  return { bytes: out.bytes(), runs };
}

/** The local declarations, with one i32 more where bulk instructions need a place for their length. */
function writeLocals(out: ByteWriter, bytes: Uint8Array, entry: DefinedFunction, extra: boolean): void {
  if (!extra) {
    out.append(bytes.subarray(entry.bodyStart, entry.codeStart));
    return;
  }
  const reader = new ByteReader(bytes, entry.bodyStart, entry.codeStart);
  out.u32(reader.u32() + 1);
  out.append(bytes.subarray(reader.at, entry.codeStart));
  out.append([0x01, 0x7f]);
}

function insertions(cost: FunctionCost, fuel: number, length: number): Insertion[] {
  const regions = cost.regions.map(({ at, cost: instructions }) => {
    return { at, bytes: payment(fuel, Math.max(1, Math.ceil(instructions / instructionsPerUnit))) };
  });
  const bulk = cost.bulk.map(({ at }) => ({ at, bytes: bulkPayment(fuel, length) }));
  return [...regions, ...bulk].sort((left, right) => left.at - right.at);
}

/** fuel -= units; if (fuel < 0) unreachable */
function payment(fuel: number, units: number): Uint8Array {
  const writer = new ByteWriter(24);
  writer.byte(0x23);
  writer.u32(fuel);
  writer.byte(0x41);
  writer.s32(units);
  finishPayment(writer, fuel);
  return writer.bytes();
}

/**
 * length = pop(); fuel -= (length >>> bulkShift) & 0xfff; if (fuel < 0) unreachable; push(length). A length above the
 * 64 KiB of a memory is not paid for: it traps for what it is.
 */
function bulkPayment(fuel: number, length: number): Uint8Array {
  const writer = new ByteWriter(32);
  writer.byte(0x21);
  writer.u32(length);
  writer.byte(0x23);
  writer.u32(fuel);
  writer.byte(0x20);
  writer.u32(length);
  writer.append([0x41, bulkShift, 0x76, 0x41, 0xff, 0x1f, 0x71]);
  finishPayment(writer, fuel);
  writer.byte(0x20);
  writer.u32(length);
  return writer.bytes();
}

function finishPayment(writer: ByteWriter, fuel: number): void {
  writer.append([0x6b, 0x24]);
  writer.u32(fuel);
  writer.byte(0x23);
  writer.u32(fuel);
  writer.append([0x41, 0x00, 0x48, 0x04, 0x40, 0x00, 0x0b]);
}

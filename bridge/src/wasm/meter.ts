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
    const { functions, imports } = this.#info;
    const bodies = functions.map((entry) => meterBody(this.#bytes, entry, imports.length, this.#fuel));
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

/** Code put in front of the instruction at `at`; of several at one place the lower rank stands first. */
interface Insertion {
  readonly at: number;
  readonly rank: number;
  readonly bytes: Uint8Array;
}

/** One function's body with its payments; `runs` count from the body's first byte. */
function meterBody(
  bytes: Uint8Array,
  entry: DefinedFunction,
  imports: number,
  fuel: number,
): { bytes: Uint8Array; runs: Run[] } {
  const cost = measureCost(new ByteReader(bytes, entry.codeStart, entry.end), imports);
  const out = new ByteWriter(entry.end - entry.bodyStart + 32);
  const runs: Run[] = [];
  writeLocals(out, bytes, entry);
  let from = entry.codeStart;
  const copy = (to: number) => {
    runs.push({ metered: out.length, signed: from, length: to - from });
    out.append(bytes.subarray(from, to));
    from = to;
  };
  for (const insertion of insertions(
    cost,
    new PaymentWriter(fuel, entry.type.params.length + entry.locals),
  )) {
    copy(insertion.at);
    out.append(insertion.bytes);
  }
  copy(entry.end);
  return { bytes: out.bytes(), runs };
}

/** The local declarations and two i32 more: the fuel left, and the length of a bulk instruction. */
function writeLocals(out: ByteWriter, bytes: Uint8Array, entry: DefinedFunction): void {
  const reader = new ByteReader(bytes, entry.bodyStart, entry.codeStart);
  out.u32(reader.u32() + 1);
  out.append(bytes.subarray(reader.at, entry.codeStart));
  out.append([0x02, 0x7f]);
}

/**
 * A function with loops counts in a local, which V8 keeps in a register: the global is set before every call and exit,
 * and read again after a call.
 */
function insertions(cost: FunctionCost, write: PaymentWriter): Insertion[] {
  const { body, loops, bulk, calls, exits } = cost;
  const made: Insertion[] = [
    { at: body.at, rank: 1, bytes: write.entry(units(body.cost)) },
    ...bulk.map((at) => ({ at, rank: 2, bytes: write.bulk() })),
  ];
  if (loops.length + bulk.length > 0) {
    made.push(...loops.map((loop) => ({ at: loop.at, rank: 1, bytes: write.loop(units(loop.cost)) })));
    made.push(...calls.map(({ at }) => ({ at, rank: 3, bytes: write.store() })));
    made.push(...calls.map(({ next }) => ({ at: next, rank: 0, bytes: write.reload() })));
    made.push(...exits.map((at) => ({ at, rank: 3, bytes: write.store() })));
  }
  return made.sort((left, right) => left.at - right.at || left.rank - right.rank);
}

function units(instructions: number): number {
  return Math.max(1, Math.ceil(instructions / instructionsPerUnit));
}

/** Writes the code of payments; `left` is the local with the fuel left, the one behind it holds lengths. */
class PaymentWriter {
  readonly #fuel: number;
  readonly #left: number;

  constructor(fuel: number, left: number) {
    this.#fuel = fuel;
    this.#left = left;
  }

  /** left = fuel -= amount; if (left < 0) unreachable */
  entry(amount: number): Uint8Array {
    const code = new ByteWriter(32);
    this.#op(code, 0x23, this.#fuel);
    code.byte(0x41);
    code.s32(amount);
    code.byte(0x6b);
    this.#op(code, 0x22, this.#left);
    this.#op(code, 0x24, this.#fuel);
    this.#op(code, 0x20, this.#left);
    code.append([0x41, 0x00, 0x48, 0x04, 0x40, 0x00, 0x0b]);
    return code.bytes();
  }

  /** left -= amount; if (left < 0) { fuel = left; unreachable } */
  loop(amount: number): Uint8Array {
    const code = new ByteWriter(32);
    this.#op(code, 0x20, this.#left);
    code.byte(0x41);
    code.s32(amount);
    this.#finish(code);
    return code.bytes();
  }

  /**
   * length = pop(); left -= (length >>> bulkShift) & 0xfff; if (left < 0) { … }; push(length). A length above the
   * 64 KiB of a memory is not paid for: it traps for what it is.
   */
  bulk(): Uint8Array {
    const code = new ByteWriter(48);
    const length = this.#left + 1;
    this.#op(code, 0x21, length);
    this.#op(code, 0x20, this.#left);
    this.#op(code, 0x20, length);
    code.append([0x41, bulkShift, 0x76, 0x41, 0xff, 0x1f, 0x71]);
    this.#finish(code);
    this.#op(code, 0x20, length);
    return code.bytes();
  }

  /** fuel = left */
  store(): Uint8Array {
    const code = new ByteWriter(16);
    this.#op(code, 0x20, this.#left);
    this.#op(code, 0x24, this.#fuel);
    return code.bytes();
  }

  /** left = fuel */
  reload(): Uint8Array {
    const code = new ByteWriter(16);
    this.#op(code, 0x23, this.#fuel);
    this.#op(code, 0x21, this.#left);
    return code.bytes();
  }

  #op(code: ByteWriter, op: number, index: number): void {
    code.byte(op);
    code.u32(index);
  }

  #finish(code: ByteWriter): void {
    code.byte(0x6b);
    this.#op(code, 0x22, this.#left);
    code.append([0x41, 0x00, 0x48, 0x04, 0x40]);
    code.append(this.store());
    code.append([0x00, 0x0b]);
  }
}

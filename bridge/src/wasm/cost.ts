import type { ByteReader } from './byte-reader.ts';
import { opcode, readInstruction } from './instructions.ts';

/** A stretch of code that is paid for when its head is passed: a function's body or one turn of a loop. */
export interface Region {
  /** Offset of the first instruction of the stretch. */
  readonly at: number;
  /** Instructions on the longest way through it; inner loops are regions of their own. */
  readonly cost: number;
}

/** What metering has to know of a function. Offsets are those of the module, of an instruction's first byte. */
export interface FunctionCost {
  /** Its whole body. */
  readonly body: Region;
  readonly loops: readonly Region[];
  /** Bulk memory instructions, to be paid for by their length. */
  readonly bulk: readonly number[];
  /** Calls, and what follows them. */
  readonly calls: readonly { readonly at: number; readonly next: number }[];
  /** Instructions that may leave the function, its closing `end` included. */
  readonly exits: readonly number[];
}

/**
 * A call of a runtime function costs as many instructions as run in the shortest time that one takes: without that an
 * atom that does little else would have many times its deadline.
 */
const importedCost = 128;

/** Cost of code that no path reaches. */
const unreachable = -1;

interface OpenRegion {
  readonly at: number;
  /** Instructions on the longest way from the head to here, or `unreachable`. */
  here: number;
  longest: number;
}

interface Label {
  readonly op: number;
  readonly region: OpenRegion;
  /** Longest way by which branches leave to this label's end. */
  leaving: number;
  /** Longest way to an `if`, where its `else` starts and where a missing one goes on. */
  before: number;
}

/**
 * Finds what a function's code costs in one pass over its instructions. Ways are followed forward only: a branch back to
 * a loop's head ends a way, since the head is paid for again. The reader stands at the first instruction; `imports` are
 * the functions that the module imports.
 */
export function measureCost(reader: ByteReader, imports: number): FunctionCost {
  const walk = new CostWalk(reader.at, imports);
  while (!reader.done) {
    const at = reader.at;
    const op = readInstruction(reader);
    walk.step(op, at, reader);
  }
  return walk.result();
}

class CostWalk {
  readonly #loops: Region[] = [];
  readonly #bulk: number[] = [];
  readonly #calls: { at: number; next: number }[] = [];
  readonly #exits: number[] = [];
  readonly #open: OpenRegion[] = [];
  #body: Region = { at: 0, cost: 0 };
  readonly #labels: Label[] = [];
  readonly #imports: number;

  constructor(start: number, imports: number) {
    this.#imports = imports;
    this.#enter(start);
    this.#push(opcode.block);
  }

  result(): FunctionCost {
    return { body: this.#body, loops: this.#loops, bulk: this.#bulk, calls: this.#calls, exits: this.#exits };
  }

  step(op: number, at: number, reader: ByteReader): void {
    const region = this.#region;
    if (region.here !== unreachable) region.here += this.#isImported(op, at, reader) ? importedCost : 1;
    region.longest = Math.max(region.longest, region.here);
    if (op === opcode.loop) this.#loop(reader.at);
    else if (op === opcode.block || op === opcode.if) this.#push(op);
    else if (op === opcode.else) this.#else();
    else if (op === opcode.end) this.#end(at);
    else if (op === opcode.br || op === opcode.brIf || op === opcode.brTable) this.#branch(op, at, reader);
    else if (op === opcode.call || op === opcode.callIndirect) this.#calls.push({ at, next: reader.at });
    else if (op === opcode.memoryInit || op === opcode.memoryCopy || op === opcode.memoryFill)
      this.#bulk.push(at);
    else if (op === opcode.return || op === opcode.unreachable) this.#stop(op, at);
  }

  #isImported(op: number, at: number, reader: ByteReader): boolean {
    return op === opcode.call && calledFunction(at, reader) < this.#imports;
  }

  get #region(): OpenRegion {
    const region = this.#open.at(-1);
    if (region === undefined) throw new RangeError('no open region');
    return region;
  }

  #enter(at: number): void {
    this.#open.push({ at, here: 0, longest: 0 });
  }

  #push(op: number): void {
    const region = this.#region;
    this.#labels.push({
      op,
      region,
      leaving: unreachable,
      before: op === opcode.if ? region.here : unreachable,
    });
  }

  #loop(head: number): void {
    this.#enter(head);
    this.#push(opcode.loop);
  }

  #else(): void {
    const label = this.#labels.at(-1);
    if (label === undefined) return;
    label.leaving = Math.max(label.leaving, label.region.here);
    label.region.here = label.before;
    label.before = unreachable;
  }

  /** Nothing follows; a trap needs no keeping of accounts. */
  #stop(op: number, at: number): void {
    this.#region.here = unreachable;
    if (op === opcode.return) this.#exits.push(at);
  }

  #end(at: number): void {
    const label = this.#labels.pop();
    if (label === undefined) return;
    const { region } = label;
    region.here = Math.max(region.here, label.leaving, label.before);
    const finished = { at: region.at, cost: region.longest };
    if (this.#labels.length === 0) {
      this.#exits.push(at);
      this.#body = finished;
    } else if (label.op === opcode.loop) {
      this.#loops.push(finished);
      this.#open.pop();
      if (region.here === unreachable) this.#region.here = unreachable;
    }
  }

  /** A branch leaves to a label, in whose region the loops between are one instruction each. */
  #branch(op: number, at: number, reader: ByteReader): void {
    const depths = branchDepths(op, at, reader);
    if (depths.includes(this.#labels.length - 1)) this.#exits.push(at);
    for (const depth of depths) {
      const label = this.#labels.at(-1 - depth);
      if (label !== undefined && label.op !== opcode.loop) {
        label.leaving = Math.max(label.leaving, label.region.here);
      }
    }
    if (op !== opcode.brIf) this.#region.here = unreachable;
  }
}

/** Index of the function that a call at `at` names; the reader has stepped over it already. */
function calledFunction(at: number, reader: ByteReader): number {
  const next = reader.at;
  reader.at = at + 1;
  const index = reader.u32();
  reader.at = next;
  return index;
}

/** Label depths of a branch that starts at `at`; the reader has stepped over it already. */
function branchDepths(op: number, at: number, reader: ByteReader): number[] {
  const next = reader.at;
  reader.at = at + 1;
  const depths: number[] = [];
  const count = op === opcode.brTable ? reader.u32() + 1 : 1;
  for (let left = count; left > 0; left -= 1) depths.push(reader.u32());
  reader.at = next;
  return depths;
}

import { abiLimits } from '../tables/index.ts';
import type { ByteTest, State } from './state.ts';

/** Deepest nesting of groups. */
const mostGroups = 8;

/** A piece of a pattern: makes its states in front of the state that follows. Called once. */
type Piece = (next: State) => State;

/** A pattern is not in the dialect. */
class PatternError extends Error {
  override readonly name = 'PatternError';
}

const byteOf = (character: string) => character.charCodeAt(0);
const sign = {
  dot: byteOf('.'),
  escape: byteOf('\\'),
  classBegin: byteOf('['),
  classEnd: byteOf(']'),
  negation: byteOf('^'),
  range: byteOf('-'),
  groupBegin: byteOf('('),
  groupEnd: byteOf(')'),
  or: byteOf('|'),
  any: byteOf('*'),
  some: byteOf('+'),
  maybe: byteOf('?'),
  begin: byteOf('^'),
  end: byteOf('$'),
} as const;
const repetitions: readonly (number | undefined)[] = [sign.any, sign.some, sign.maybe];

/** The first state of a pattern, undefined for one outside the dialect. */
export function parseStates(pattern: Uint8Array): State | undefined {
  if (pattern.length > abiLimits.patternBytes) return undefined;
  try {
    return new Parser(pattern).parse()({ kind: 'match' });
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

class Parser {
  readonly #bytes: Uint8Array;
  #at = 0;
  #groups = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  parse(): Piece {
    const piece = this.#alternatives();
    if (this.#at < this.#bytes.length) throw new PatternError('unbalanced');
    return piece;
  }

  #alternatives(): Piece {
    const first = this.#sequence();
    if (!this.#take(sign.or)) return first;
    const others = this.#alternatives();
    return (next) => ({ kind: 'split', first: first(next), second: others(next) });
  }

  #sequence(): Piece {
    const pieces: Piece[] = [];
    while (!this.#endsSequence()) pieces.push(this.#element());
    if (pieces.length === 0) throw new PatternError('empty');
    return (next) => pieces.reduceRight((following, piece) => piece(following), next);
  }

  #endsSequence(): boolean {
    const byte = this.#bytes[this.#at];
    return byte === undefined || byte === sign.or || byte === sign.groupEnd;
  }

  #element(): Piece {
    const byte = this.#next();
    if (byte === sign.begin) return (next) => ({ kind: 'begin', next });
    if (byte === sign.end) return (next) => ({ kind: 'end', next });
    return this.#repeated(byte === sign.groupBegin ? this.#group() : bytePiece(this.#byteTest(byte)));
  }

  #group(): Piece {
    this.#groups += 1;
    if (this.#groups > mostGroups) throw new PatternError('groups nested too deep');
    const piece = this.#alternatives();
    if (!this.#take(sign.groupEnd)) throw new PatternError('unbalanced');
    this.#groups -= 1;
    return piece;
  }

  #repeated(piece: Piece): Piece {
    if (this.#take(sign.any)) return loop(piece, false);
    if (this.#take(sign.some)) return loop(piece, true);
    if (this.#take(sign.maybe)) return (next) => ({ kind: 'split', first: piece(next), second: next });
    return piece;
  }

  #byteTest(byte: number): ByteTest {
    if (byte === sign.dot) return () => true;
    if (byte === sign.classBegin) return this.#class();
    const literal = byte === sign.escape ? this.#escaped() : byte;
    if (byte === sign.classEnd || repetitions.includes(byte)) throw new PatternError('misplaced');
    return (found) => found === literal;
  }

  #escaped(): number {
    const byte = this.#next();
    if (/[a-z0-9]/i.test(String.fromCharCode(byte))) throw new PatternError('escaped letter');
    return byte;
  }

  #class(): ByteTest {
    const negated = this.#take(sign.negation);
    const members = new Set<number>();
    for (let first = true; first || !this.#take(sign.classEnd); first = false) {
      this.#classMember(members, first);
    }
    return (byte) => members.has(byte) !== negated;
  }

  /** One byte or one range. `first`: a bracket here stands for itself. */
  #classMember(members: Set<number>, first: boolean): void {
    const isEdge = first || this.#bytes[this.#at + 1] === sign.classEnd;
    if (this.#bytes[this.#at] === sign.range && !isEdge) throw new PatternError('misplaced hyphen');
    const low = this.#classByte();
    const isRange = this.#bytes[this.#at] === sign.range && this.#bytes[this.#at + 1] !== sign.classEnd;
    if (isRange) this.#at += 1;
    const high = isRange ? this.#classByte() : low;
    if (high < low) throw new PatternError('range runs backwards');
    for (let byte = low; byte <= high; byte += 1) members.add(byte);
  }

  #classByte(): number {
    const byte = this.#next();
    return byte === sign.escape ? this.#escaped() : byte;
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  #next(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new PatternError('unbalanced');
    this.#at += 1;
    return byte;
  }
}

function bytePiece(accepts: ByteTest): Piece {
  return (next) => ({ kind: 'byte', accepts, next });
}

/** `*`, or `+` where it is taken at least once. */
function loop(piece: Piece, once: boolean): Piece {
  return (next) => {
    const again: State = { kind: 'split', first: next, second: next };
    const start = piece(again);
    again.second = start;
    return once ? start : again;
  };
}

import { ModuleError } from './module-info.ts';

const text = new TextDecoder('utf-8', { fatal: true });

/** Reads a range of a module; every read is bounded and says where it failed. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  fail(what: string): never {
    throw new ModuleError('BAD_MODULE', `${what} at byte ${this.at}`);
  }

  byte(): number {
    const value = this.at < this.end ? this.bytes[this.at] : undefined;
    if (value === undefined) this.fail('unexpected end');
    this.at += 1;
    return value;
  }

  /** Unsigned LEB128 of at most 32 bits: five bytes, the last of at most 4 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) this.fail('number too large');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** Signed LEB128 of at most 32 bits. */
  s32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x07 && (byte < 0x78 || byte > 0x7f)) this.fail('number too large');
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      return shift < 28 && byte & 0x40 ? value | (-1 << (shift + 7)) : value;
    }
  }

  /** Steps over a signed LEB128 of at most `bits` bits. */
  skipSigned(bits: number): void {
    const longest = Math.ceil(bits / 7);
    for (let length = 1; this.byte() >= 0x80; length += 1) {
      if (length === longest) this.fail('number too long');
    }
  }

  /** Number of items that follow, each of at least one byte. */
  count(): number {
    const count = this.u32();
    if (count > this.end - this.at) this.fail('count beyond the end');
    return count;
  }

  skip(length: number): void {
    if (length > this.end - this.at) this.fail('length beyond the end');
    this.at += length;
  }

  /** A reader of the next `length` bytes, which are stepped over here. */
  slice(length: number): ByteReader {
    const start = this.at;
    this.skip(length);
    return new ByteReader(this.bytes, start, this.at);
  }

  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    try {
      return text.decode(this.bytes.subarray(start, this.at));
    } catch {
      return this.fail('name is not UTF-8');
    }
  }
}

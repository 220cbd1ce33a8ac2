import { Format } from "./abi.generated";
import { encodeText } from "./text";
import { Writer } from "./writer";

/** A CBOR document (RFC 8949) with definite lengths: say how many items an array or map has, then write them. */
export class CborWriter extends Writer {
  constructor(capacity: i32) {
    super(capacity);
    this.format = Format.CBOR;
  }

  map(pairs: i32): CborWriter {
    return this.head(0xa0, pairs);
  }

  array(items: i32): CborWriter {
    return this.head(0x80, items);
  }

  int(value: i64): CborWriter {
    return value < 0 ? this.head(0x20, ~value) : this.head(0, value);
  }

  bool(value: bool): CborWriter {
    this.byte(value ? 0xf5 : 0xf4);
    return this;
  }

  nil(): CborWriter {
    this.byte(0xf6);
    return this;
  }

  string(value: string): CborWriter {
    this.head(0x60, encodeText(value, 0, 0));
    this.text(value);
    return this;
  }

  /** A number in the fewest bytes that hold it exactly: whole ones as an integer, else a float of 32 or 64 bits. */
  number(value: f64): CborWriter {
    if (value == Math.trunc(value) && Math.abs(value) < 9e15) return this.int(<i64>value);
    if (<f64>(<f32>value) == value) return this.bigEndian(0xfa, reinterpret<u32>(<f32>value), 4);
    return this.bigEndian(0xfb, reinterpret<u64>(value), 8);
  }

  /** Major type and argument in the shortest form (RFC 8949 section 4.2.1). */
  private head(major: i32, argument: u64): CborWriter {
    if (argument < 24) return this.bigEndian(major | <i32>argument, 0, 0);
    if (argument < 0x100) return this.bigEndian(major | 24, argument, 1);
    if (argument < 0x10000) return this.bigEndian(major | 25, argument, 2);
    if (argument < 0x100000000) return this.bigEndian(major | 26, argument, 4);
    return this.bigEndian(major | 27, argument, 8);
  }

  private bigEndian(initial: i32, value: u64, bytes: i32): CborWriter {
    this.byte(initial);
    for (let shift = 8 * (bytes - 1); shift >= 0; shift -= 8) this.byte(<i32>(value >> shift));
    return this;
  }
}

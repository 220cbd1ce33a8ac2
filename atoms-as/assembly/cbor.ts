import { Output, name } from "./output";

/** CBOR (RFC 8949) with definite lengths: say how many items an array or map has, then write them. */
export namespace Cbor {
  export function map(pairs: i32): void {
    head(0xa0, pairs);
  }

  export function array(items: i32): void {
    head(0x80, items);
  }

  export function int(value: i32): void {
    head(value < 0 ? 0x20 : 0, value < 0 ? ~value : value);
  }

  export function boolean(value: bool): void {
    Output.byte(value ? 0xf5 : 0xf4);
  }

  export function nil(): void {
    Output.byte(0xf6);
  }

  // @ts-ignore: decorator

  @inline export function text(value: string): void {
    head(0x60, name(value));
    Output.text(value);
  }

  /** A whole number of 32 bits as an integer, any other as a float of 64 bits. */
  export function number(value: f64): void {
    const whole = <i32>value;
    if (<f64>whole == value) return int(whole);
    Output.byte(0xfb);
    bigEndian(reinterpret<u64>(value), 8);
  }
}

/** Major type and argument in the shortest form (RFC 8949 section 4.2.1). */
function head(major: i32, argument: u32): void {
  if (argument < 24) return Output.byte(major | argument);
  const size = argument < 0x100 ? 0 : argument < 0x10000 ? 1 : 2;
  Output.byte(major | 24 | size);
  bigEndian(argument, 1 << size);
}

function bigEndian(value: u64, bytes: i32): void {
  while (bytes--) Output.byte(<i32>(value >> (8 * bytes)));
}

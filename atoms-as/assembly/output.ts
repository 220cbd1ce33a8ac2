import * as abi from "./abi.generated";
import { EventField, event_read } from "./abi.generated";

/**
 * The one buffer of an atom: bodies, names and log lines are put together here on their way to the node. It lies in
 * static memory, so that writing allocates nothing. It holds a body of `limits.body` bytes, or 128 where that is more,
 * and a name or key behind it. What goes beyond is left out, and handing it to the node answers E_TOO_BIG.
 */
// @ts-ignore: decorator
@inline const LIMIT: i32 = RADON_BODY + 64;
/** The longest number: 20 digits and a point. */
// @ts-ignore: decorator
@inline const DIGITS: i32 = 24;
// @ts-ignore: decorator
@lazy export const BUFFER: usize = memory.data(RADON_BODY + 64 + 24);

/** Bytes written. A full buffer means that something was left out: it is larger than any body. */
// @ts-ignore: decorator
@lazy let used: i32 = 0;

export namespace Output {
  /** Starts a new body. */
  // @ts-ignore: decorator
  @inline export function begin(): void {
    used = 0;
  }

  /** Bytes written so far. */
  // @ts-ignore: decorator
  @inline export function length(): i32 {
    return used;
  }

  /** Whether everything written so far found room. */
  // @ts-ignore: decorator
  @inline export function fits(): bool {
    return used < LIMIT;
  }

  export function byte(value: i32): void {
    if (used >= LIMIT) return;
    store<u8>(BUFFER + used, <u8>value);
    used++;
  }

  /** Up to eight characters of ASCII in one number, the first in the lowest byte: smaller than a text. */
  export function ascii(characters: u64): void {
    for (; characters; characters >>= 8) byte(<i32>characters);
  }

  /** A text as UTF-8 (RFC 3629). */
  export function text(value: string): void {
    const end = textEnd(value);
    for (let at = changetype<usize>(value); at < end; at += 2) {
      let point = <u32>load<u16>(at);
      if (point >> 10 == 0x36 && at + 2 < end) {
        at += 2;
        point = 0x10000 + ((point & 0x3ff) << 10) + (load<u16>(at) & 0x3ff);
      }
      let more = <i32>(point > 0x7f) + <i32>(point > 0x7ff) + <i32>(point > 0xffff);
      // The lead byte's ones tell how many bytes follow; its low eight bits are what is stored.
      byte((more ? 0xff00 >> (more + 1) : 0) | (point >> (6 * more)));
      while (more) byte(0x80 | ((point >> (6 * --more)) & 0x3f));
    }
  }

  /** Decimal digits of a whole number. */
  export function integer(value: i64): void {
    if (value < 0) byte(0x2d);
    digits(value < 0 ? -value : value, 0);
  }

  /**
   * A decimal number with at most `places` (0 to 9) digits after the point, rounded half up, zeros at the end left out.
   * Beyond ±9·10^18 / 10^places, and for NaN, it writes `null`.
   */
  export function decimal(value: f64, places: i32 = 3): void {
    let scaled = Math.abs(value);
    for (let i = places; i; i--) scaled *= 10;
    if (!(scaled < 9e18)) return ascii(0x6c6c756e); // null
    let rounded = <u64>(scaled + 0.5);
    if (value < 0 && rounded) byte(0x2d);
    for (; places && rounded % 10 == 0; places--) rounded /= 10;
    digits(rounded, places);
  }

  /** The bytes of a record (an `@unmanaged` class). */
  export function record<T>(record: T): void {
    for (let at: usize = 0; at < offsetof<T>(); at++) byte(load<u8>(changetype<usize>(record) + at));
  }

  /** The name of this instance. */
  export function self(): void {
    const length = abi.self(BUFFER + used, LIMIT - used);
    used = min(used + length, LIMIT);
  }

  /** The payload of the current event, from a byte on. */
  export function payload(from: i32 = 0): void {
    const length = event_read(EventField.PAYLOAD, BUFFER + used, LIMIT - used);
    if (length <= from) return;
    if (from && used + length <= LIMIT) memory.copy(BUFFER + used, BUFFER + used + from, length - from);
    used = used + length > LIMIT ? LIMIT : used + length - from;
  }
}

/** The digits of a number, a point before the last `places` of them: put together from the back, behind the output. */
function digits(value: u64, places: i32): void {
  let at = BUFFER + LIMIT + DIGITS;
  do {
    store<u8>(--at, <u8>(0x30 + (value % 10)));
    value /= 10;
    if (!--places) store<u8>(--at, 0x2e);
  } while (value || places >= 0);
  for (; at < BUFFER + LIMIT + DIGITS; at++) Output.byte(load<u8>(at));
}

/** One past the last byte of a text. */
// @ts-ignore: decorator
@inline function textEnd(text: string): usize {
  return changetype<usize>(text) + load<u32>(changetype<usize>(text) - 4);
}

/** Where a name, a key or a value can lie for the length of one call: behind the body. */
// @ts-ignore: decorator
@inline export function spare(): usize {
  return BUFFER + used;
}

/** Writes a name or key to `spare()`; returns its bytes, 0 where it does not fit: no name the node knows. */
export function name(text: string): i32 {
  const length = line(text);
  return used + length < LIMIT ? length : 0;
}

/** Writes `definition~number` to `spare()`; returns its bytes, 0 where it does not fit. */
export function instanceName(definition: string, number: i32): i32 {
  const from = used;
  Output.text(definition);
  Output.byte(0x7e);
  Output.integer(number);
  const length = Output.fits() ? used - from : 0;
  used = from;
  return length;
}

/** Writes a text to `spare()`; returns the bytes that fit. */
// @ts-ignore: decorator
@inline export function line(text: string): i32 {
  const from = used;
  Output.text(text);
  const length = used - from;
  used = from;
  return length;
}

/** Reads a byte field of the current event to `spare()`; its bytes, -1 when there is none or it does not fit. */
export function field(number: i32): i32 {
  const room = LIMIT - used;
  const length = event_read(number, spare(), room);
  return length > room ? -1 : length;
}

/** Whether the `length` bytes at `spare()` are `text`; only ASCII matches. */
export function isText(length: i32, text: string): bool {
  let at = spare();
  const end = at + length;
  let unit = changetype<usize>(text);
  if (textEnd(text) - unit != <usize>length << 1) return false;
  for (; at < end; at++) {
    if (load<u8>(at) != load<u16>(unit)) return false;
    unit += 2;
  }
  return true;
}

/** The decimal number, such as `-12.5`, in the `length` bytes at `spare()`; NaN for anything else. */
export function parseNumber(length: i32): f64 {
  let value: f64 = 0;
  /** 0 before the point, then ten for each digit behind it. */
  let scale: f64 = 0;
  let sign: f64 = 1;
  let digits = 0;
  for (let i = 0; i < length; i++) {
    const digit = <i32>load<u8>(spare() + i) - 0x30;
    if (digit == -2 && !scale) scale = 1;
    else if (digit == -3 && !i) sign = -1;
    else {
      if (<u32>digit > 9) return NaN;
      value = value * 10 + <f64>digit;
      scale *= 10;
      digits++;
    }
  }
  return digits ? (sign * value) / max(scale, 1) : NaN;
}

import { EventField, Format, event_read } from "./abi.generated";
import { encodeText } from "./text";

/**
 * Bytes put together in a buffer of fixed size, allocated once: keep a writer in a global and `clear` it for each use.
 * What does not fit is left out and makes `fits` false; check that once, at the end. Sending such a writer is E_TOO_BIG.
 */
export class Writer {
  private buffer: StaticArray<u8>;
  /** Bytes written so far. */
  length: i32 = 0;
  /** Whether everything written since `clear` found room. */
  fits: bool = true;
  /** CoAP content-format of what is written. */
  format: i32 = Format.TEXT;

  constructor(capacity: i32) {
    this.buffer = new StaticArray<u8>(capacity);
  }

  /** Address of the first byte. */
  get start(): usize {
    return changetype<usize>(this.buffer);
  }

  clear(format: i32 = Format.TEXT): this {
    this.length = 0;
    this.fits = true;
    this.format = format;
    return this;
  }

  /** Room for `count` bytes at the end: its address, or 0 when there is none. */
  reserve(count: i32): usize {
    const at = this.length;
    if (count > this.buffer.length - at) {
      this.fits = false;
      return 0;
    }
    this.length = at + count;
    return this.start + at;
  }

  byte(value: i32): this {
    const at = this.reserve(1);
    if (at) store<u8>(at, <u8>value);
    return this;
  }

  /** The text as UTF-8, all of it or nothing. */
  text(value: string): this {
    const before = this.length;
    const room = this.buffer.length - before;
    const needed = encodeText(value, this.start + before, room);
    if (needed > room) this.fits = false;
    else this.length = before + needed;
    return this;
  }

  /** Decimal digits of a whole number. */
  integer(value: i64): this {
    if (value < 0) this.byte(0x2d);
    return this.digits(value < 0 ? 0 - <u64>value : <u64>value, 1);
  }

  /**
   * A decimal number with at most `places` (0 to 9) digits after the point, rounded half up, zeros at the end left out.
   * Beyond ±9·10^18 / 10^places, and for NaN, it writes `null`.
   */
  decimal(value: f64, places: i32 = 3): this {
    let unit: u64 = 1;
    for (let i = 0; i < places; i++) unit *= 10;
    const scaled = Math.abs(value) * <f64>unit + 0.5;
    if (!(scaled < 9e18)) return this.nothing();
    const rounded = <u64>scaled;
    if (value < 0 && rounded) this.byte(0x2d);
    this.digits(rounded / unit, 1);
    let rest = rounded % unit;
    if (!rest) return this;
    while (rest % 10 == 0) {
      rest /= 10;
      places--;
    }
    return this.byte(0x2e).digits(rest, places);
  }

  /** `null`; a literal would take 44 bytes of memory. */
  private nothing(): this {
    const at = this.reserve(4);
    if (at) store<u32>(at, 0x6c6c756e);
    return this;
  }

  /** At least `width` decimal digits. */
  private digits(value: u64, width: i32): this {
    let unit: u64 = 1;
    for (let i = 1; i < width || value / unit >= 10; i++) unit *= 10;
    for (; unit; unit /= 10) this.byte(0x30 + <i32>((value / unit) % 10));
    return this;
  }

  /** Appends the payload of the current event. */
  payload(): this {
    const room = this.buffer.length - this.length;
    const length = event_read(EventField.PAYLOAD, this.start + this.length, room);
    if (length > room) this.fits = false;
    else if (length > 0) this.length += length;
    return this;
  }
}

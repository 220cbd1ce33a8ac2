/** Text as nodes take it (UTF-8), without the standard library's printer and without allocation. */

/** Names, keys, paths and log lines on their way to the node; valid until the next call that uses it. */
// @ts-ignore: decorator
@lazy export const scratch: usize = memory.data(SCRATCH);

/** Longest log line (120 bytes, docs/atom-abi.json), names, keys and paths are shorter; and one character more. */
// @ts-ignore: decorator
@inline export const SCRATCH: i32 = 124;

/**
 * Bytes of `text` as UTF-8. Writes them to `to`, whole characters only, as far as `capacity` bytes go. An unpaired
 * surrogate becomes U+FFFD.
 */
export function encodeText(text: string, to: usize, capacity: i32): i32 {
  let length = 0;
  for (let i = 0, end = text.length; i < end; i++) {
    let point = codeUnit(text, i);
    if ((point & 0xf800) == 0xd800) {
      const low = i + 1 < end ? codeUnit(text, i + 1) : 0;
      if (point < 0xdc00 && (low & 0xfc00) == 0xdc00) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
        i++;
      } else point = 0xfffd;
    }
    const more = <i32>(point >= 0x80) + <i32>(point >= 0x800) + <i32>(point >= 0x10000);
    if (length + more < capacity) writePoint(to + length, point, more);
    length += more + 1;
  }
  return length;
}

// @ts-ignore: decorator
@inline function codeUnit(text: string, index: i32): u32 {
  return load<u16>(changetype<usize>(text) + (<usize>index << 1));
}

/** One character as `more + 1` bytes of UTF-8 (RFC 3629). */
function writePoint(to: usize, point: u32, more: i32): void {
  if (!more) return store<u8>(to, <u8>point);
  store<u8>(to, <u8>(0xff00 >> (more + 1)) | <u8>(point >> (6 * more)));
  for (let i = more - 1; i >= 0; i--) store<u8>(++to, <u8>(0x80 | ((point >> (6 * i)) & 0x3f)));
}

/** Writes `text` to `scratch`; returns its bytes, at most those that fit. */
export function toScratch(text: string): i32 {
  return min(encodeText(text, scratch, SCRATCH), SCRATCH);
}

/** Whether `length` bytes at `at` are the UTF-8 of `text`; only ASCII text matches. */
export function equalsText(at: usize, length: i32, text: string): bool {
  if (length != text.length) return false;
  for (let i = 0; i < length; i++) if (load<u8>(at + i) != codeUnit(text, i)) return false;
  return true;
}

/** A decimal number such as `-12.5` in `length` bytes at `at`; NaN for anything else. */
export function parseNumber(at: usize, length: i32): f64 {
  const end = at + length;
  const negative = length > 0 && load<u8>(at) == 0x2d;
  if (negative) at++;
  let value: f64 = 0;
  let scale: f64 = 0;
  let digits = 0;
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == 0x2e && !scale) {
      scale = 1;
    } else {
      const digit = byte - 0x30;
      if (digit > 9) return NaN;
      value = value * 10 + <f64>digit;
      scale *= 10;
      digits++;
    }
  }
  if (!digits) return NaN;
  if (scale > 1) value /= scale;
  return negative ? -value : value;
}

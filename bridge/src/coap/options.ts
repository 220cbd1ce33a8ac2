/** Option numbers and their value formats (RFC 7252 section 5.10, 7641, 7959, 7967, 8613, 8768, 9175). */

export const option = {
  ifMatch: 1,
  uriHost: 3,
  etag: 4,
  ifNoneMatch: 5,
  observe: 6,
  uriPort: 7,
  locationPath: 8,
  uriPath: 11,
  contentFormat: 12,
  maxAge: 14,
  uriQuery: 15,
  hopLimit: 16,
  accept: 17,
  locationQuery: 20,
  block2: 23,
  block1: 27,
  size2: 28,
  proxyUri: 35,
  proxyScheme: 39,
  size1: 60,
  echo: 252,
  noResponse: 258,
  requestTag: 292,
} as const;

interface OptionRule {
  readonly number: number;
  /** Bytes. */
  readonly min: number;
  readonly max: number;
  readonly repeatable?: true;
}

const rules: readonly OptionRule[] = [
  { number: option.ifMatch, min: 0, max: 8, repeatable: true },
  { number: option.uriHost, min: 1, max: 255 },
  { number: option.etag, min: 1, max: 8, repeatable: true },
  { number: option.ifNoneMatch, min: 0, max: 0 },
  { number: option.observe, min: 0, max: 3 },
  { number: option.uriPort, min: 0, max: 2 },
  { number: option.locationPath, min: 0, max: 255, repeatable: true },
  { number: option.uriPath, min: 0, max: 255, repeatable: true },
  { number: option.contentFormat, min: 0, max: 2 },
  { number: option.maxAge, min: 0, max: 4 },
  { number: option.uriQuery, min: 0, max: 255, repeatable: true },
  { number: option.hopLimit, min: 1, max: 1 },
  { number: option.accept, min: 0, max: 2 },
  { number: option.locationQuery, min: 0, max: 255, repeatable: true },
  { number: option.block2, min: 0, max: 3 },
  { number: option.block1, min: 0, max: 3 },
  { number: option.size2, min: 0, max: 4 },
  { number: option.proxyUri, min: 1, max: 1034 },
  { number: option.proxyScheme, min: 1, max: 255 },
  { number: option.size1, min: 0, max: 4 },
  { number: option.echo, min: 1, max: 40 },
  { number: option.noResponse, min: 0, max: 1 },
  { number: option.requestTag, min: 0, max: 8, repeatable: true },
];

const tableSize = 293;
const shortest = new Uint8Array(tableSize);
const longest = new Int16Array(tableSize).fill(-1);
const repeats = new Uint8Array(tableSize);
for (const rule of rules) {
  shortest[rule.number] = rule.min;
  longest[rule.number] = rule.max;
  repeats[rule.number] = rule.repeatable ? 1 : 0;
}

/** Odd numbers must be understood (RFC 7252 section 5.4.1). */
export function isCritical(number: number): boolean {
  return (number & 1) === 1;
}

/**
 * Whether an occurrence counts as recognised: a known number, a length in range, and a repetition only where the option
 * is repeatable (RFC 7252 sections 5.4.3 and 5.4.5).
 */
export function isRecognised(number: number, length: number, repeated: boolean): boolean {
  if (number >= tableSize) return false;
  const max = longest[number] ?? -1;
  if (length > max || length < (shortest[number] ?? 0)) return false;
  return !repeated || repeats[number] === 1;
}

const noBytes = new Uint8Array(0);

/** Shortest big-endian form, no leading zeros (RFC 7252 section 3.2). Up to 2^32 - 1. */
export function encodeUint(value: number): Uint8Array {
  if (value === 0) return noBytes;
  if (value < 0x100) return Uint8Array.of(value);
  if (value < 0x10000) return Uint8Array.of(value >> 8, value);
  if (value < 0x1000000) return Uint8Array.of(value >> 16, value >> 8, value);
  return Uint8Array.of(value >>> 24, value >> 16, value >> 8, value);
}

/** Big-endian, leading zeros allowed. */
export function decodeUint(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let value = 0;
  for (let index = start; index < end; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
}

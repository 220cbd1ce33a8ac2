import { abiLimits } from '../../tables/index.ts';

const decoder = new TextDecoder();

/** A log line of an atom: cut at a character boundary, harmless on a terminal, valid UTF-8. */
export function logLine(bytes: Uint8Array): string {
  let line = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (at + Math.max(length, 1) > abiLimits.logLineBytes) break;
    line += length === 0 ? '?' : harmless(decoder.decode(bytes.subarray(at, at + length)));
    at += Math.max(length, 1);
  }
  return line;
}

function harmless(character: string): string {
  return /\p{Cc}/u.test(character) ? '.' : character;
}

/** Length of the UTF-8 sequence at `at` (RFC 3629 section 4), 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (let offset = 1; offset < length; offset += 1) {
    const byte = bytes[at + offset] ?? 0;
    const [low, high] = offset === 1 ? secondRange(first) : [0x80, 0xbf];
    if (byte < low || byte > high) return 0;
  }
  return length;
}

/** The second byte rules out overlong forms, surrogates and what lies beyond U+10FFFF. */
function secondRange(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  return first === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

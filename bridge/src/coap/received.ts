import { decodeUint, option } from './options.ts';
import type { CoapOption } from './types.ts';

const utf8 = new TextDecoder('utf-8');
const defaultMaxAge = 60;

/**
 * A message as it was received: the datagram, checked once by `parseMessage`, and views into it. Options are found by
 * scanning, so a message nobody asks about its options costs nothing, and what is absent is known without. Safe to keep.
 */
export class ReceivedMessage {
  /** The whole datagram. */
  readonly bytes: Uint8Array;
  readonly type: number;
  readonly code: number;
  readonly messageId: number;
  /** Index of the first option: 4 + token length. */
  readonly optionsStart: number;
  /** Index of the first payload byte; `bytes.length` without payload. */
  readonly payloadStart: number;
  /** Bit `number % 32` is set for every option number there is. */
  private readonly present: number;

  /** Only for datagrams that `parseMessage` accepted; without its `present` every option is looked for. */
  constructor(bytes: Uint8Array, payloadStart: number, present = -1) {
    const first = bytes[0] ?? 0;
    this.bytes = bytes;
    this.type = (first >> 4) & 3;
    this.code = bytes[1] ?? 0;
    this.messageId = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
    this.optionsStart = 4 + (first & 15);
    this.payloadStart = payloadStart;
    this.present = present;
  }

  get token(): Uint8Array {
    return this.bytes.subarray(4, this.optionsStart);
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart);
  }

  /** Calls back for each option in order with its number and the range of its value in `bytes`; stops at `false`. */
  scan(visit: (number: number, start: number, end: number) => boolean | undefined): void {
    const { bytes } = this;
    const end = this.payloadStart < bytes.length ? this.payloadStart - 1 : bytes.length;
    let at = this.optionsStart;
    let number = 0;
    while (at < end) {
      const head = bytes[at] ?? 0;
      let delta = head >> 4;
      let length = head & 15;
      at += 1;
      if (delta === 13) {
        delta = 13 + (bytes[at] ?? 0);
        at += 1;
      } else if (delta === 14) {
        delta = 269 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
        at += 2;
      }
      if (length === 13) {
        length = 13 + (bytes[at] ?? 0);
        at += 1;
      } else if (length === 14) {
        length = 269 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
        at += 2;
      }
      number += delta;
      if (visit(number, at, at + length) === false) return;
      at += length;
    }
  }

  private lacks(number: number): boolean {
    return (this.present & (1 << (number & 31))) === 0;
  }

  /** First value of an option as a view. */
  bytesOf(number: number): Uint8Array | undefined {
    if (this.lacks(number)) return undefined;
    let found: Uint8Array | undefined;
    this.scan((candidate, start, end) => {
      if (candidate === number) found = this.bytes.subarray(start, end);
      return candidate < number;
    });
    return found;
  }

  /** First value of an option as an unsigned integer. */
  uintOf(number: number): number | undefined {
    if (this.lacks(number)) return undefined;
    let found: number | undefined;
    this.scan((candidate, start, end) => {
      if (candidate === number) found = decodeUint(this.bytes, start, end);
      return candidate < number;
    });
    return found;
  }

  /** All values of a string option; bytes that are not UTF-8 become U+FFFD. */
  stringsOf(number: number): string[] {
    const found: string[] = [];
    if (this.lacks(number)) return found;
    this.scan((candidate, start, end) => {
      if (candidate === number) found.push(decodeText(this.bytes, start, end));
      return candidate <= number;
    });
    return found;
  }

  /** All values of an option as views. */
  allBytesOf(number: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    if (this.lacks(number)) return found;
    this.scan((candidate, start, end) => {
      if (candidate === number) found.push(this.bytes.subarray(start, end));
      return candidate <= number;
    });
    return found;
  }

  /** Every option in wire order. */
  get options(): CoapOption[] {
    const all: CoapOption[] = [];
    this.scan((number, start, end) => {
      all.push({ number, value: this.bytes.subarray(start, end) });
      return true;
    });
    return all;
  }

  /** Uri-Path segments. A slash inside a segment stays inside. */
  get pathSegments(): string[] {
    return this.stringsOf(option.uriPath);
  }

  /** Uri-Path joined by slashes, with a leading one: `/a/rain/level`; `/` for the root. Not escaped. */
  get path(): string {
    let path = '';
    this.scan((number, start, end) => {
      if (number === option.uriPath) path += `/${decodeText(this.bytes, start, end)}`;
      return number <= option.uriPath;
    });
    return path === '' ? '/' : path;
  }

  /** Uri-Query options, such as `rt=rainfall`. */
  get query(): string[] {
    return this.stringsOf(option.uriQuery);
  }

  get accept(): number | undefined {
    return this.uintOf(option.accept);
  }

  get contentFormat(): number | undefined {
    return this.uintOf(option.contentFormat);
  }

  get etag(): Uint8Array | undefined {
    return this.bytesOf(option.etag);
  }

  /** Seconds; 60 when absent (RFC 7252 section 5.10.5). */
  get maxAge(): number {
    return this.uintOf(option.maxAge) ?? defaultMaxAge;
  }

  get observe(): number | undefined {
    return this.uintOf(option.observe);
  }
}

const longestRecent = 24;
/** Short texts, which come again and again as path segments do: the same string each time, in the place its bytes lead to. */
const recent = new Array<string>(256).fill('');

/** Short ASCII without a decoder call: most path segments. */
function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > longestRecent) return utf8.decode(bytes.subarray(start, end));
  let hash = 0;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte >= 0x80) return utf8.decode(bytes.subarray(start, end));
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  const place = (hash ^ (hash >>> 8)) & 0xff;
  const known = recent[place] ?? '';
  if (saysSame(known, bytes, start, end)) return known;
  const text = utf8.decode(bytes.subarray(start, end));
  recent[place] = text;
  return text;
}

function saysSame(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}

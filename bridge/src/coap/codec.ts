/** The message format of RFC 7252 section 3: one pass to check, one writer that leaves no garbage. */
import { emptyCode, isRequest, isResponse } from './codes.ts';
import { decodeUint, isCritical, isRecognised, option } from './options.ts';

/** How a datagram is to be treated (RFC 7252 sections 3, 4.2 and 4.3). */
export const parseOutcome = {
  ok: 0,
  /** Too short for a message ID, or another version: silently ignored. */
  ignore: 1,
  /** Message format error or reserved code: RST for a CON, ignored otherwise. `type` and `messageId` are set. */
  malformed: 2,
} as const;
export type ParseOutcome = 0 | 1 | 2;

/** What one pass over a message finds. Reused from message to message; options that are absent read -1. */
export class ParsedMessage {
  type = 0;
  code = 0;
  messageId = 0;
  tokenLength = 0;
  payloadStart = 0;
  observe = -1;
  block1 = -1;
  block2 = -1;
  noResponse = -1;
  /** Which option numbers there are, by their remainders modulo 32. */
  present = 0;
  /** Proxy-Uri or Proxy-Scheme is there. */
  proxied = false;
  /** First critical option that was not recognised, or -1. */
  unknownCritical = -1;
}

const payloadMarker = 0xff;
const highestOption = 0xffff;
/** Header, token, marker and the options the layers add of their own, in bytes. */
export const messageOverhead = 192;

/** Checks `bytes` and fills `into`. Never throws, whatever the bytes. */
export function parseMessage(bytes: Uint8Array, into: ParsedMessage): ParseOutcome {
  if (bytes.length < 4) return parseOutcome.ignore;
  const first = bytes[0] ?? 0;
  if (first >> 6 !== 1) return parseOutcome.ignore;
  into.type = (first >> 4) & 3;
  into.code = bytes[1] ?? 0;
  into.messageId = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  into.tokenLength = first & 15;
  into.payloadStart = bytes.length;
  into.observe = -1;
  into.block1 = -1;
  into.block2 = -1;
  into.noResponse = -1;
  into.present = 0;
  into.proxied = false;
  into.unknownCritical = -1;
  if (into.code === emptyCode)
    return bytes.length === 4 && first << 28 === 0 ? parseOutcome.ok : parseOutcome.malformed;
  if (into.tokenLength > 8 || 4 + into.tokenLength > bytes.length) return parseOutcome.malformed;
  if (!isRequest(into.code) && !isResponse(into.code)) return parseOutcome.malformed;
  return parseOptions(bytes, into);
}

function parseOptions(bytes: Uint8Array, into: ParsedMessage): ParseOutcome {
  const end = bytes.length;
  let at = 4 + into.tokenLength;
  let number = 0;
  while (at < end) {
    const head = bytes[at] ?? 0;
    at += 1;
    if (head === payloadMarker) {
      into.payloadStart = at;
      return at < end ? parseOutcome.ok : parseOutcome.malformed;
    }
    let delta = head >> 4;
    let length = head & 15;
    // Beyond the end the missing bytes read as 0; the check after the value catches it, since `at` has moved past.
    if (delta >= 13) {
      if (delta === 15) return parseOutcome.malformed;
      const extended = delta === 13 ? 1 : 2;
      delta = extended === 1 ? 13 + (bytes[at] ?? 0) : 269 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
      at += extended;
    }
    if (length >= 13) {
      if (length === 15) return parseOutcome.malformed;
      const extended = length === 13 ? 1 : 2;
      length = extended === 1 ? 13 + (bytes[at] ?? 0) : 269 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
      at += extended;
    }
    number += delta;
    if (at + length > end || number > highestOption) return parseOutcome.malformed;
    into.present |= 1 << (number & 31);
    noteOption(bytes, into, number, delta === 0, at, at + length);
    at += length;
  }
  return parseOutcome.ok;
}

/** Options the message layer and block-wise transfer act on; the rest is found again by `ReceivedMessage` when asked for. */
function noteOption(
  bytes: Uint8Array,
  into: ParsedMessage,
  number: number,
  repeated: boolean,
  start: number,
  end: number,
): void {
  if (!isRecognised(number, end - start, repeated)) {
    if (isCritical(number) && into.unknownCritical < 0) into.unknownCritical = number;
    return;
  }
  if (isTextOption(number)) {
    if (!isUtf8(bytes, start, end) && into.unknownCritical < 0) into.unknownCritical = number;
    if (number >= option.proxyUri) into.proxied = true;
  } else if (number === option.observe) into.observe = decodeUint(bytes, start, end);
  else if (number === option.block2) into.block2 = decodeUint(bytes, start, end);
  else if (number === option.block1) into.block1 = decodeUint(bytes, start, end);
  else if (number === option.noResponse) into.noResponse = decodeUint(bytes, start, end);
}

/** The critical ones among the string options (RFC 7252 section 5.10). */
function isTextOption(number: number): boolean {
  return (
    number === option.uriPath ||
    number === option.uriQuery ||
    number === option.uriHost ||
    number === option.proxyUri ||
    number === option.proxyScheme
  );
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Strings are UTF-8 (RFC 7252 section 3.2); ASCII needs no decoder. */
function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let index = start;
  while (index < end && (bytes[index] ?? 0) < 0x80) index += 1;
  if (index === end) return true;
  try {
    strictUtf8.decode(bytes.subarray(index, end));
    return true;
  } catch {
    return false;
  }
}

const utf8 = new TextEncoder();
/** A slab holds many messages of the usual size; one that does not fit starts the next slab. */
const slabSize = 64 * 1024;

/**
 * Writes messages one behind another into a slab. Options go in ascending order. `start()` … `finish()` make one message;
 * `slab`, `messageStart` and `position` then say where it is.
 */
export class MessageWriter {
  slab = new Uint8Array(slabSize);
  messageStart = 0;
  position = 0;
  private lastOption = 0;

  /** Makes room for a message of up to `size` bytes; true when that began another slab. */
  reserve(size: number): boolean {
    if (this.position + size <= this.slab.length) return false;
    this.renew(size);
    return true;
  }

  /** Forgets what was written; the slab itself is kept. */
  rewind(): void {
    this.position = 0;
  }

  /** Leaves the slab to whoever still reads it. */
  renew(atLeast = 0): void {
    this.slab = new Uint8Array(Math.max(slabSize, atLeast));
    this.position = 0;
  }

  /** Header and token; the token is `from[tokenStart, tokenStart + tokenLength)`. */
  start(
    type: number,
    code: number,
    messageId: number,
    from: Uint8Array,
    tokenStart: number,
    tokenLength: number,
  ): void {
    const { slab } = this;
    let at = this.position;
    this.messageStart = at;
    slab[at] = 0x40 | (type << 4) | tokenLength;
    slab[at + 1] = code;
    slab[at + 2] = messageId >> 8;
    slab[at + 3] = messageId;
    at += 4;
    for (let index = 0; index < tokenLength; index += 1) slab[at + index] = from[tokenStart + index] ?? 0;
    this.position = at + tokenLength;
    this.lastOption = 0;
  }

  option(number: number, value: Uint8Array): void {
    this.head(number, value.length);
    this.slab.set(value, this.position);
    this.position += value.length;
  }

  uintOption(number: number, value: number): void {
    const length = value === 0 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x1000000 ? 3 : 4;
    this.head(number, length);
    for (let shift = (length - 1) * 8; shift >= 0; shift -= 8) {
      this.slab[this.position] = value >>> shift;
      this.position += 1;
    }
  }

  textOption(number: number, value: string): void {
    if (!isShortAscii(value)) {
      this.option(number, utf8.encode(value));
      return;
    }
    this.head(number, value.length);
    const { slab, position } = this;
    for (let index = 0; index < value.length; index += 1) slab[position + index] = value.charCodeAt(index);
    this.position = position + value.length;
  }

  /** Ends the message; no payload leaves out the marker. */
  payload(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (end <= start) return;
    this.slab[this.position] = payloadMarker;
    this.position += 1;
    this.slab.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.position);
    this.position += end - start;
  }

  /** Options, marker and payload that were encoded before. */
  append(content: Uint8Array): void {
    this.slab.set(content, this.position);
    this.position += content.length;
  }

  /** A whole message that was encoded before. */
  copy(message: Uint8Array): void {
    this.reserve(message.length);
    this.messageStart = this.position;
    this.append(message);
  }

  /** Begins options and payload without a header, for `append` later. */
  startContent(): void {
    this.messageStart = this.position;
    this.lastOption = 0;
  }

  private head(number: number, length: number): void {
    const delta = number - this.lastOption;
    if (delta < 0) throw new RangeError(`option ${number} after ${this.lastOption}`);
    this.lastOption = number;
    this.slab[this.position] = (nibble(delta) << 4) | nibble(length);
    this.position += 1;
    this.extended(delta);
    this.extended(length);
  }

  private extended(value: number): void {
    if (value < 13) return;
    if (value < 269) {
      this.slab[this.position] = value - 13;
      this.position += 1;
      return;
    }
    this.slab[this.position] = (value - 269) >> 8;
    this.slab[this.position + 1] = value - 269;
    this.position += 2;
  }
}

/** RFC 7252 section 3.1: 13 and 14 announce one and two more bytes. */
function nibble(value: number): number {
  if (value < 13) return value;
  return value < 269 ? 13 : 14;
}

const longestAsciiLoop = 24;

function isShortAscii(text: string): boolean {
  if (text.length > longestAsciiLoop) return false;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) >= 0x80) return false;
  return true;
}

/** A message in pieces, for `encodeMessage`. */
export interface MessageParts {
  readonly type: number;
  readonly code: number;
  readonly messageId: number;
  readonly token?: Uint8Array;
  readonly options?: readonly { readonly number: number; readonly value: Uint8Array }[];
  readonly payload?: Uint8Array;
}

/** One message as bytes of its own; options in any order. */
export function encodeMessage(parts: MessageParts): Uint8Array {
  const { token = new Uint8Array(0), options = [], payload = new Uint8Array(0) } = parts;
  if (token.length > 8) throw new RangeError('a token has at most 8 bytes');
  const writer = new MessageWriter();
  writer.reserve(options.reduce((size, { value }) => size + 5 + value.length, 16 + payload.length));
  writer.start(parts.type, parts.code, parts.messageId, token, 0, token.length);
  for (const { number, value } of options.toSorted((a, b) => a.number - b.number))
    writer.option(number, value);
  writer.payload(payload);
  return writer.slab.slice(0, writer.position);
}

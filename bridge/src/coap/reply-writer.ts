/** Replies on the wire: options in order, the body sliced into blocks (Block2, RFC 7959 section 2.4). */
import { blockBytes, decodeBlock, encodeBlock } from './blocks.ts';
import { type MessageWriter, messageOverhead } from './codec.ts';
import { OptionSequence } from './option-sequence.ts';
import { option } from './options.ts';
import type { CoapReply } from './types.ts';

const noBytes = new Uint8Array(0);

/** Which part of a reply goes into a message, and the options of the transfer; -1 leaves an option out. */
export interface ReplySlice {
  readonly start: number;
  readonly end: number;
  readonly block2: number;
  readonly size2: number;
  /** Echoes the request's Block1. */
  readonly block1: number;
  readonly observe: number;
  readonly etag: Uint8Array | undefined;
}

/**
 * The slice a request asks for, at blocks of at most `16 << exponent` bytes: undefined when it lies beyond the body. A
 * reply that fits and whose request has no Block2 goes as it is.
 */
export function sliceReply(
  reply: CoapReply,
  request: { readonly block1: number; readonly block2: number },
  exponent: number,
  observe: number,
): ReplySlice | undefined {
  const length = reply.payload?.length ?? 0;
  const { block1 } = request;
  if (request.block2 < 0 && length <= blockBytes(exponent)) {
    return { start: 0, end: length, block2: -1, size2: -1, block1, observe, etag: reply.etag };
  }
  const wanted = decodeBlock(Math.max(0, request.block2));
  const used = Math.min(exponent, request.block2 < 0 ? exponent : wanted.exponent);
  const start = wanted.number * blockBytes(wanted.exponent);
  if (start > 0 && start >= length) return undefined;
  const end = Math.min(length, start + blockBytes(used));
  const block2 = encodeBlock(start / blockBytes(used), end < length, used);
  const etag = reply.etag ?? (length > blockBytes(used) ? hashEtag(reply.payload ?? noBytes) : undefined);
  return { start, end, block2, size2: start === 0 ? length : -1, block1, observe, etag };
}

/** Tells versions of a body apart where the handler gives no ETag: 64 bits of two FNV-1a hashes. */
function hashEtag(body: Uint8Array): Uint8Array {
  let low = 0x811c9dc5;
  let high = body.length ^ 0x2c1b3c6d;
  for (const byte of body) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x297a2d39);
  }
  const etag = new Uint8Array(8);
  const view = new DataView(etag.buffer);
  view.setInt32(0, low);
  view.setInt32(4, high ^ (high >>> 15));
  return etag;
}

/** More than the message can take, bytes. */
export function replyBound(reply: CoapReply, slice: ReplySlice): number {
  let bound = messageOverhead + slice.end - slice.start;
  if (reply.options !== undefined) for (const { value } of reply.options) bound += 5 + value.length;
  return bound;
}

export class ReplyWriter {
  private readonly writer: MessageWriter;
  private readonly sequence: OptionSequence;

  constructor(writer: MessageWriter) {
    this.writer = writer;
    this.sequence = new OptionSequence(writer);
  }

  /** Everything behind the token. */
  write(reply: CoapReply, slice: ReplySlice): void {
    const { sequence } = this;
    sequence.begin(reply.options);
    sequence.bytes(option.etag, slice.etag);
    sequence.uint(option.observe, slice.observe);
    sequence.uint(option.contentFormat, reply.contentFormat);
    sequence.uint(option.maxAge, reply.maxAge);
    sequence.uint(option.block2, slice.block2);
    sequence.uint(option.block1, slice.block1);
    sequence.uint(option.size2, slice.size2);
    sequence.end();
    if (reply.payload !== undefined) this.writer.payload(reply.payload, slice.start, slice.end);
  }
}

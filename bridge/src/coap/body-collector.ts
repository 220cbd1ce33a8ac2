/** Bodies that come in Block2 responses (RFC 7959 section 2.4). */
import { blockBytes, decodeBlock, encodeBlock, reservedExponent } from './blocks.ts';
import { CoapError } from './errors.ts';
import { option } from './options.ts';
import type { ReceivedMessage } from './received.ts';

/** Puts Block2 responses together and checks that they belong together. */
export class BodyCollector {
  private readonly limit: number;
  private readonly blocks: Uint8Array[] = [];
  private received = 0;
  private exponent = 6;
  private etag: Uint8Array | undefined = undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** `changed`: another version than the blocks before; nothing was added. */
  add(message: ReceivedMessage): 'more' | 'complete' | 'changed' {
    const block = decodeBlock(message.uintOf(option.block2) ?? 0);
    const { payload } = message;
    const size = blockBytes(block.exponent);
    if (block.exponent === reservedExponent) throw malformed('reserved block size');
    if (block.more ? payload.length !== size : payload.length > size)
      throw malformed('block of a wrong length');
    if (this.received === 0) this.etag = message.etag;
    else if (!sameEtag(this.etag, message.etag)) return 'changed';
    if (block.number * size !== this.received) throw malformed('block out of place');
    this.received += payload.length;
    if (this.received > this.limit)
      throw new CoapError('TOO_LARGE', `the body is larger than the limit of ${this.limit} bytes`);
    this.blocks.push(payload);
    this.exponent = block.exponent;
    return block.more ? 'more' : 'complete';
  }

  restart(): void {
    this.blocks.length = 0;
    this.received = 0;
  }

  /** Block2 value that asks for what follows. */
  get nextBlock(): number {
    return encodeBlock(this.received / blockBytes(this.exponent), false, this.exponent);
  }

  /** Bytes so far. */
  get length(): number {
    return this.received;
  }

  get bytes(): Uint8Array {
    const whole = new Uint8Array(this.received);
    let at = 0;
    for (const block of this.blocks) {
      whole.set(block, at);
      at += block.length;
    }
    return whole;
  }
}

function malformed(reason: string): CoapError {
  return new CoapError('MALFORMED', `the response's blocks do not fit: ${reason}`);
}

function sameEtag(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

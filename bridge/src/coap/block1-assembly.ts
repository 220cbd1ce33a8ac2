/** Puts the bodies of requests together (Block1, RFC 7959 section 2.3). */
import { blockBytes, decodeBlock, reservedExponent } from './blocks.ts';
import { code } from './codes.ts';
import type { IncomingRequest } from './incoming.ts';
import { encodeUint, option } from './options.ts';
import { protocolProblem } from './problem.ts';
import { transferKey } from './request-key.ts';
import { TransferStore } from './transfer-store.ts';
import type { CoapReply } from './types.ts';

const maxTransfers = 256;
/** All bodies under way together, as a multiple of the largest one. */
const sharedBodies = 16;

interface Transfer {
  body: Uint8Array;
  received: number;
}

export class Block1Assembly {
  private readonly maxBody: number;
  private readonly transfers: TransferStore<Transfer>;

  constructor(maxBody: number, lifetimeMs: number) {
    this.maxBody = maxBody;
    this.transfers = new TransferStore(maxTransfers, maxBody * sharedBodies, lifetimeMs);
  }

  /** Takes one block; undefined when the body is whole (it is then the request's), else the reply to this block. */
  add(request: IncomingRequest, now: number): CoapReply | undefined {
    const block = decodeBlock(request.block1);
    const size = blockBytes(block.exponent);
    const { payload } = request;
    if (block.exponent === reservedExponent)
      return protocolProblem(code.badRequest, 'Block1 has the reserved size 7');
    if (block.more ? payload.length !== size : payload.length > size) {
      return protocolProblem(code.badRequest, `a block of ${size} bytes holds ${payload.length}`);
    }
    const offset = block.number * size;
    if (offset + payload.length > this.maxBody) return this.refuse();
    const key = transferKey(request);
    const transfer = offset === 0 ? { body: new Uint8Array(0), received: 0 } : this.transfers.get(key, now);
    if (transfer === undefined || offset > transfer.received) {
      return protocolProblem(code.requestEntityIncomplete, `the block before byte ${offset} is missing`);
    }
    append(transfer, payload, offset);
    return block.more ? this.goOn(key, transfer, now) : this.complete(key, transfer, request);
  }

  private goOn(key: string, transfer: Transfer, now: number): CoapReply {
    if (this.transfers.set(key, transfer, transfer.body.length, now)) return { code: code.continue };
    return { ...protocolProblem(code.serviceUnavailable, 'too many transfers at once'), maxAge: 5 };
  }

  private complete(key: string, transfer: Transfer, request: IncomingRequest): undefined {
    this.transfers.delete(key);
    request.setBody(transfer.body.subarray(0, transfer.received));
  }

  /** Says how much would be taken (RFC 7959 section 2.9.3). */
  private refuse(): CoapReply {
    const reply = protocolProblem(code.requestEntityTooLarge, `a body has at most ${this.maxBody} bytes`);
    return { ...reply, options: [{ number: option.size1, value: encodeUint(this.maxBody) }] };
  }
}

/** A repeated block changes nothing; the buffer doubles, so that a body costs as many copies as it has doublings. */
function append(transfer: Transfer, payload: Uint8Array, offset: number): void {
  const end = offset + payload.length;
  if (end > transfer.body.length) {
    const grown = new Uint8Array(Math.max(end, transfer.body.length * 2));
    grown.set(transfer.body);
    transfer.body = grown;
  }
  transfer.body.set(payload, offset);
  transfer.received = Math.max(transfer.received, end);
}

/** Sends a piece of a body as the Block1 messages it consists of (RFC 7959 section 2.2), one by one. */
import { decodeBlock, encodeBlock } from '../coap/blocks.ts';
import { code } from '../coap/codes.ts';
import { encodeUint, option } from '../coap/options.ts';
import type { CoapClient, CoapResponse } from '../coap/types.ts';
import { RadonError } from '../problem/error.ts';
import type { NodeRequest } from '../registry/node.ts';
import { clientRequestOf } from './answer.ts';

/** 1,024 bytes. */
const largestExponent = 6;

/** Resolves with the answer to the last block sent: 2.31 while more pieces follow, else whatever ended the transfer. */
export async function sendPiece(
  client: CoapClient,
  request: NodeRequest,
  part: { readonly offset: number; readonly more: boolean },
  signal?: AbortSignal,
): Promise<CoapResponse> {
  const base = clientRequestOf(request);
  const end = part.offset + request.payload.length;
  let limit = largestExponent;
  for (let offset = part.offset; ; ) {
    const exponent = exponentAt(offset, end, part.more, limit);
    const next = Math.min(end, offset + (16 << exponent));
    const block = encodeBlock(offset >> (exponent + 4), next < end || part.more, exponent);
    const payload = request.payload.subarray(offset - part.offset, next - part.offset);
    const response = await client.request(
      { ...base, payload, options: [{ number: option.block1, value: encodeUint(block) }] },
      { singleMessage: true, ...(signal && { signal }) },
    );
    if (next === end || response.code !== code.continue) return response;
    limit = acceptedExponent(response, limit);
    offset = next;
  }
}

/** The largest block (16 << n bytes) that may start at this offset; only the very last block is not full. */
function exponentAt(offset: number, end: number, more: boolean, limit: number): number {
  for (let exponent = limit; exponent >= 0; exponent -= 1) {
    const bytes = 16 << exponent;
    if (offset % bytes === 0 && (!more || offset + bytes <= end)) return exponent;
  }
  const detail = `a piece from ${offset} to ${end} is not a multiple of 16 bytes`;
  throw new RadonError('BAD_REQUEST', { detail });
}

/** A server that answers with a smaller size wants the blocks after it in that size (RFC 7959 section 2.3). */
function acceptedExponent(response: CoapResponse, limit: number): number {
  const block = response.message.uintOf(option.block1);
  return block === undefined ? limit : Math.min(limit, decodeBlock(block).exponent);
}

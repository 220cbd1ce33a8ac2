/** Requests of others: deduplication, empty ACKs, replies (RFC 7252 sections 4.2, 4.5 and 5.2). */
import type { Endpoint } from '../link/link.ts';
import { code, isSafe, messageType } from './codes.ts';
import { sendCopy, sendEmpty, sendWritten, takeMessageId } from './datagrams.ts';
import { entryState, hashBytes } from './deduplication.ts';
import type { Effects } from './effects.ts';
import { IncomingRequest } from './incoming.ts';
import type { MessageLayer } from './layer-state.ts';
import { option } from './options.ts';

export function receiveRequest(
  layer: MessageLayer,
  from: Endpoint,
  bytes: Uint8Array,
  now: number,
  out: Effects,
): void {
  const { parsed, deferred } = layer;
  if (parsed.type !== messageType.con && parsed.type !== messageType.non) {
    layer.counters.unmatched += 1;
    return;
  }
  if (deferred.size > 0 && repeatsDeferred(layer, from, bytes, out)) return;
  let sequence = -1;
  if (!isSafe(parsed.code)) {
    const hash = hashBytes(bytes);
    const known = layer.dedup.find(from, parsed.messageId, hash);
    if (known >= 0) {
      repeatReply(layer, from, known, out);
      return;
    }
    sequence = layer.dedup.add(from, parsed.messageId, hash, now);
    if (sequence < 0) {
      refuseRequest(layer, from, bytes, now, out);
      return;
    }
  }
  const request = new IncomingRequest(bytes, from, parsed, sequence, layer.options.signal);
  out.events.push({ kind: 'request', request });
}

/** The answer is on its way; meanwhile a repetition is told so. */
function repeatsDeferred(layer: MessageLayer, from: Endpoint, bytes: Uint8Array, out: Effects): boolean {
  const request = layer.deferred.find(from, layer.parsed.messageId, bytes);
  if (request === undefined) return false;
  layer.counters.duplicates += 1;
  if (request.type !== messageType.con) return true;
  if (request.acknowledged) sendEmpty(layer, from, messageType.ack, request.messageId, out);
  else acknowledgeLate(layer, request, out);
  return true;
}

/** RFC 7252 section 4.5: the same answer to a CON, silence to a NON. */
function repeatReply(layer: MessageLayer, from: Endpoint, sequence: number, out: Effects): void {
  const { dedup, parsed, counters } = layer;
  counters.duplicates += 1;
  if (parsed.type !== messageType.con) return;
  const state = dedup.state(sequence);
  if (state === entryState.acknowledged) sendEmpty(layer, from, messageType.ack, parsed.messageId, out);
  if (state !== entryState.replied) return;
  const reply = dedup.reply(sequence);
  if (reply.length > 0) sendCopy(layer, from, reply, out);
}

const retryAfterS = 5;

/** The reply memory is full and nothing in it may be forgotten yet: not executed, 5.03 with Max-Age. */
function refuseRequest(
  layer: MessageLayer,
  from: Endpoint,
  bytes: Uint8Array,
  now: number,
  out: Effects,
): void {
  const { parsed, counters } = layer;
  counters.refused += 1;
  const confirmable = parsed.type === messageType.con;
  const messageId = confirmable ? parsed.messageId : takeMessageId(layer, from, now);
  if (messageId < 0) return;
  const { writer } = out;
  writer.reserve(32);
  const type = confirmable ? messageType.ack : messageType.non;
  writer.start(type, code.serviceUnavailable, messageId, bytes, 4, parsed.tokenLength);
  writer.uintOption(option.maxAge, retryAfterS);
  sendWritten(layer, from, out);
}

/** The handler needs longer than this step: an empty ACK goes out if it does not answer within the link's ACK delay. */
export function defer(layer: MessageLayer, request: IncomingRequest, now: number): void {
  layer.deferred.add(request);
  if (request.type === messageType.con) layer.timers.set(request, now + layer.options.timing.ackDelayMs);
}

/** The empty ACK of a request whose answer follows separately. */
export function acknowledgeLate(layer: MessageLayer, request: IncomingRequest, out: Effects): void {
  layer.timers.cancel(request);
  request.acknowledged = true;
  if (request.dedupSequence >= 0) layer.dedup.acknowledge(request.dedupSequence);
  sendEmpty(layer, request.from, messageType.ack, request.messageId, out);
}

/** Ends the wait of `defer`: the answer follows in this step. */
export function settle(layer: MessageLayer, request: IncomingRequest): void {
  layer.timers.cancel(request);
  layer.deferred.remove(request);
}

/** No response wanted (RFC 7967): a CON gets its empty ACK, a NON nothing. */
export function suppressReply(layer: MessageLayer, request: IncomingRequest, out: Effects): void {
  if (request.type === messageType.con && !request.acknowledged) acknowledgeLate(layer, request, out);
  else if (request.dedupSequence >= 0) layer.dedup.acknowledge(request.dedupSequence);
}

/**
 * Begins the reply that goes out at once: ACK of a CON, NON for a NON. The caller writes options and payload, then calls
 * `finishReply`. False when no message ID is free for a NON.
 */
export function startReply(
  layer: MessageLayer,
  request: IncomingRequest,
  replyCode: number,
  size: number,
  now: number,
  out: Effects,
): boolean {
  const confirmable = request.type === messageType.con;
  const messageId = confirmable ? request.messageId : takeMessageId(layer, request.from, now);
  if (messageId < 0) return false;
  const type = confirmable ? messageType.ack : messageType.non;
  const tokenLength = request.optionsStart - 4;
  out.writer.reserve(size);
  out.writer.start(type, replyCode, messageId, request.bytes, 4, tokenLength);
  return true;
}

export function finishReply(layer: MessageLayer, request: IncomingRequest, out: Effects): void {
  const { writer } = out;
  sendWritten(layer, request.from, out);
  if (request.dedupSequence < 0) return;
  // A repeated NON gets no answer, so there is nothing to keep.
  const start = request.type === messageType.con ? writer.messageStart : writer.position;
  layer.dedup.setReply(request.dedupSequence, writer.slab, start, writer.position);
}

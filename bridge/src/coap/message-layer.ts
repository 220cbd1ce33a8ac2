/**
 * The message layer of RFC 7252 section 4 as a step over a mutable core: a batch of datagrams and the time go in,
 * datagrams and events come out in `Effects`. It knows no clock, no socket and no promise.
 */
import type { DatagramBatch, Endpoint } from '../link/link.ts';
import { parseMessage, parseOutcome } from './codec.ts';
import { emptyCode, isRequest, messageType } from './codes.ts';
import { sendEmpty } from './datagrams.ts';
import type { Effects } from './effects.ts';
import { IncomingRequest } from './incoming.ts';
import type { MessageLayer } from './layer-state.ts';
import type { Outgoing } from './outgoing.ts';
import { acknowledgeLate, receiveRequest } from './request-reception.ts';
import { receiveResponse } from './response-reception.ts';
import { acknowledged, expireOutgoing, fail } from './transmission.ts';

/** Takes in what arrived (nothing on a mere wake-up) and lets time pass. */
export function step(layer: MessageLayer, batch: DatagramBatch | undefined, now: number, out: Effects): void {
  layer.dedup.expire(now);
  for (let index = 0; batch !== undefined && index < batch.count; index += 1) {
    const from = batch.from[index];
    const bytes = batch.data[index];
    if (from !== undefined && bytes !== undefined) receive(layer, from, bytes, now, out);
  }
  layer.timers.advance(now, (timer) => {
    if (timer instanceof IncomingRequest) acknowledgeLate(layer, timer, out);
    else expireOutgoing(layer, timer, now, out);
  });
}

function receive(layer: MessageLayer, from: Endpoint, bytes: Uint8Array, now: number, out: Effects): void {
  const { parsed, counters } = layer;
  counters.messagesIn += 1;
  const outcome = parseMessage(bytes, parsed);
  if (outcome !== parseOutcome.ok) {
    counters.malformed += 1;
    if (outcome === parseOutcome.malformed) receiveMalformed(layer, from, now, out);
  } else if (parsed.code === emptyCode) receiveEmpty(layer, from, now, out);
  else if (isRequest(parsed.code)) receiveRequest(layer, from, bytes, now, out);
  else receiveResponse(layer, from, bytes, now, out);
}

/** RFC 7252 section 4.2: a CON is rejected with RST; an ACK tells that its exchange will get no better answer. */
function receiveMalformed(layer: MessageLayer, from: Endpoint, now: number, out: Effects): void {
  const { type, messageId } = layer.parsed;
  if (type === messageType.con) sendEmpty(layer, from, messageType.rst, messageId, out);
  else if (type === messageType.ack) {
    const outgoing = layer.peers.find(from)?.outstandingById(messageId);
    if (outgoing !== undefined) fail(layer, outgoing, 'MALFORMED', now, out);
  }
}

/** Ping, ACK, RST (RFC 7252 section 4.3). */
function receiveEmpty(layer: MessageLayer, from: Endpoint, now: number, out: Effects): void {
  const { type, messageId } = layer.parsed;
  if (type === messageType.con) {
    sendEmpty(layer, from, messageType.rst, messageId, out);
    return;
  }
  if (type === messageType.non) return;
  const outgoing = layer.peers.find(from)?.outstandingById(messageId);
  if (type === messageType.rst) receiveReset(layer, from, outgoing, now, out);
  else if (outgoing === undefined) layer.counters.unmatched += 1;
  else acknowledged(layer, outgoing, now, out);
}

function receiveReset(
  layer: MessageLayer,
  from: Endpoint,
  outgoing: Outgoing | undefined,
  now: number,
  out: Effects,
): void {
  layer.counters.resets += 1;
  if (outgoing !== undefined) fail(layer, outgoing, 'RESET', now, out);
  else out.events.push({ kind: 'reset', from, messageId: layer.parsed.messageId });
}

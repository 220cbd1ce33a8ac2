/** Responses: to which exchange they belong, and what becomes of those that belong to none. */
import type { Endpoint } from '../link/link.ts';
import type { ParsedMessage } from './codec.ts';
import { messageType } from './codes.ts';
import { sendEmpty } from './datagrams.ts';
import type { Effects } from './effects.ts';
import type { MessageLayer } from './layer-state.ts';
import type { Outgoing } from './outgoing.ts';
import { ReceivedMessage } from './received.ts';
import { fail, finish, leaveOutstanding } from './transmission.ts';

export function receiveResponse(
  layer: MessageLayer,
  from: Endpoint,
  bytes: Uint8Array,
  now: number,
  out: Effects,
): void {
  const { parsed } = layer;
  const outgoing = layer.tokens.find(bytes, parsed.tokenLength);
  if (parsed.type === messageType.rst) return;
  if (outgoing === undefined || outgoing.to !== from || !fitsExchange(parsed, outgoing)) {
    refuseResponse(layer, from, now, out);
    return;
  }
  if (parsed.type === messageType.con && !takeConfirmable(layer, from, now, out)) return;
  if (parsed.unknownCritical >= 0) {
    fail(layer, outgoing, 'MALFORMED', now, out);
    return;
  }
  if (outgoing.phase === 'sent') leaveOutstanding(layer, outgoing, now, out);
  if (outgoing.keepsToken) {
    outgoing.phase = 'waiting';
    layer.timers.cancel(outgoing);
  } else finish(layer, outgoing);
  const message = new ReceivedMessage(bytes, parsed.payloadStart, parsed.present);
  out.events.push({ kind: 'response', outgoing, message });
}

/** A piggybacked response must echo the message ID of the request under way. */
function fitsExchange(parsed: ParsedMessage, outgoing: Outgoing): boolean {
  if (outgoing.phase === 'queued' || outgoing.phase === 'done') return false;
  if (parsed.type !== messageType.ack) return true;
  return outgoing.phase === 'sent' && outgoing.messageId === parsed.messageId;
}

/** Acknowledges a CON response; false for one that was taken before or cannot be processed. */
function takeConfirmable(layer: MessageLayer, from: Endpoint, now: number, out: Effects): boolean {
  const { messageId, unknownCritical } = layer.parsed;
  if (unknownCritical >= 0) {
    sendEmpty(layer, from, messageType.rst, messageId, out);
    return true;
  }
  sendEmpty(layer, from, messageType.ack, messageId, out);
  const peer = layer.peers.take(from, now);
  if (peer?.hasTakenResponse(messageId, now, layer.options.timing.exchangeLifetimeMs)) {
    layer.counters.duplicates += 1;
    return false;
  }
  peer?.rememberResponse(messageId, now);
  return true;
}

/** No exchange for it: a repetition is acknowledged again, anything else that matters rejected (RFC 7252 4.2, 7641 3.5). */
function refuseResponse(layer: MessageLayer, from: Endpoint, now: number, out: Effects): void {
  const { type, messageId, observe } = layer.parsed;
  layer.counters.unmatched += 1;
  if (type === messageType.con) {
    const lifetime = layer.options.timing.exchangeLifetimeMs;
    const repeated = layer.peers.find(from)?.hasTakenResponse(messageId, now, lifetime) ?? false;
    sendEmpty(layer, from, repeated ? messageType.ack : messageType.rst, messageId, out);
  } else if (type === messageType.non && observe >= 0)
    sendEmpty(layer, from, messageType.rst, messageId, out);
}

/** Messages of our own: NSTART, message IDs, retransmission (RFC 7252 sections 4.2, 4.4 and 4.7). */
import { emptyCode, messageType } from './codes.ts';
import { sendWritten } from './datagrams.ts';
import type { Effects } from './effects.ts';
import type { CoapErrorCode } from './errors.ts';
import type { MessageLayer } from './layer-state.ts';
import type { Outgoing } from './outgoing.ts';
import type { Peer } from './peers.ts';

/** Sends a message as soon as NSTART and the message-ID budget allow. */
export function submit(layer: MessageLayer, outgoing: Outgoing, now: number, out: Effects): void {
  const peer = layer.peers.take(outgoing.to, now);
  if (peer === undefined) {
    fail(layer, outgoing, 'CLOSED', now, out);
    return;
  }
  outgoing.peer = peer;
  outgoing.phase = 'queued';
  peer.queue.push(outgoing);
  pump(layer, peer, now, out);
}

function pump(layer: MessageLayer, peer: Peer, now: number, out: Effects): void {
  while (peer.queue.length > 0 && peer.outstanding.length < peer.nstart) {
    const outgoing = peer.queue[0];
    if (outgoing === undefined) return;
    const messageId = peer.ids.take(now);
    if (messageId < 0) {
      layer.timers.set(outgoing, peer.ids.freeAt);
      return;
    }
    peer.queue.shift();
    layer.timers.cancel(outgoing);
    outgoing.messageId = messageId;
    transmitFirst(layer, outgoing, peer, now, out);
  }
}

function transmitFirst(layer: MessageLayer, outgoing: Outgoing, peer: Peer, now: number, out: Effects): void {
  const { timing, random } = layer.options;
  transmit(layer, outgoing, out);
  if (outgoing.type === messageType.non && outgoing.tokenIndex < 0) {
    outgoing.phase = 'done';
    return;
  }
  outgoing.phase = 'sent';
  peer.outstanding.push(outgoing);
  outgoing.timeoutMs = timing.ackTimeoutMs * (1 + random() * (timing.ackRandomFactor - 1));
  layer.timers.set(outgoing, now + outgoing.timeoutMs);
}

function transmit(layer: MessageLayer, outgoing: Outgoing, out: Effects): void {
  const { writer } = out;
  outgoing.transmissions += 1;
  writer.reserve(16 + outgoing.content.length);
  writer.start(
    outgoing.type,
    outgoing.code,
    outgoing.messageId,
    outgoing.tokenFrom,
    outgoing.tokenStart,
    outgoing.tokenLength,
  );
  writer.append(outgoing.content);
  sendWritten(layer, outgoing.to, out);
}

/** Retransmits, gives up, or tries again for a message ID. */
export function expireOutgoing(layer: MessageLayer, outgoing: Outgoing, now: number, out: Effects): void {
  if (outgoing.phase === 'queued') {
    if (outgoing.peer !== undefined) pump(layer, outgoing.peer, now, out);
    return;
  }
  if (outgoing.phase === 'sent' && outgoing.type === messageType.non) {
    leaveOutstanding(layer, outgoing, now, out);
    awaitResponse(layer, outgoing, now);
    return;
  }
  const exhausted = outgoing.transmissions > layer.options.timing.maxRetransmit;
  if (outgoing.phase === 'waiting' || exhausted) {
    layer.counters.timeouts += 1;
    fail(layer, outgoing, 'TIMEOUT', now, out);
    return;
  }
  layer.counters.retransmissions += 1;
  outgoing.timeoutMs *= 2;
  transmit(layer, outgoing, out);
  layer.timers.set(outgoing, now + outgoing.timeoutMs);
  out.events.push({ kind: 'retransmitted', outgoing });
}

/** Forgets a message without an event; a late answer is rejected. */
export function withdraw(layer: MessageLayer, outgoing: Outgoing, now: number, out: Effects): void {
  const { peer } = outgoing;
  if (outgoing.phase === 'queued' && peer !== undefined) {
    const at = peer.queue.indexOf(outgoing);
    if (at >= 0) peer.queue.splice(at, 1);
    finish(layer, outgoing);
    pump(layer, peer, now, out);
    return;
  }
  if (outgoing.phase === 'sent') leaveOutstanding(layer, outgoing, now, out);
  finish(layer, outgoing);
}

/** Ends a message for a reason its owner hears of. */
export function fail(
  layer: MessageLayer,
  outgoing: Outgoing,
  why: CoapErrorCode,
  now: number,
  out: Effects,
): void {
  withdraw(layer, outgoing, now, out);
  out.events.push({ kind: 'failed', outgoing, code: why });
}

export function finish(layer: MessageLayer, outgoing: Outgoing): void {
  layer.timers.cancel(outgoing);
  layer.tokens.release(outgoing);
  outgoing.phase = 'done';
}

/** The interaction is over as far as NSTART is concerned: the next in the queue may go. */
export function leaveOutstanding(layer: MessageLayer, outgoing: Outgoing, now: number, out: Effects): void {
  layer.timers.cancel(outgoing);
  const { peer } = outgoing;
  if (peer === undefined) return;
  const { outstanding } = peer;
  const at = outstanding.indexOf(outgoing);
  const last = outstanding.pop();
  if (last !== undefined && last !== outgoing) outstanding[at] = last;
  outgoing.phase = 'waiting';
  if (peer.queue.length > 0) pump(layer, peer, now, out);
}

/** Pumps every queue, after NSTART has grown. */
export function pumpAll(layer: MessageLayer, now: number, out: Effects): void {
  for (const peer of layer.peers.all()) pump(layer, peer, now, out);
}

/** Fails whatever is under way: the link is gone. */
export function failAll(layer: MessageLayer, why: CoapErrorCode, now: number, out: Effects): void {
  for (const peer of layer.peers.all()) {
    for (const outgoing of peer.queue.splice(0)) fail(layer, outgoing, why, now, out);
  }
  for (const outgoing of layer.tokens.all()) fail(layer, outgoing, why, now, out);
  for (const peer of layer.peers.all()) {
    for (const outgoing of [...peer.outstanding]) fail(layer, outgoing, why, now, out);
  }
}

/** An empty ACK ends the interaction (RFC 7252 section 4.7); a request goes on waiting for its response. */
export function acknowledged(layer: MessageLayer, outgoing: Outgoing, now: number, out: Effects): void {
  if (outgoing.code === emptyCode) return;
  const expectsResponse = outgoing.tokenIndex >= 0;
  leaveOutstanding(layer, outgoing, now, out);
  if (expectsResponse) awaitResponse(layer, outgoing, now);
  else outgoing.phase = 'done';
  out.events.push({ kind: 'acknowledged', outgoing });
}

/** The longest wait for a response once the request was acknowledged is EXCHANGE_LIFETIME. */
function awaitResponse(layer: MessageLayer, outgoing: Outgoing, now: number): void {
  outgoing.phase = 'waiting';
  layer.timers.set(outgoing, now + layer.options.timing.exchangeLifetimeMs);
}

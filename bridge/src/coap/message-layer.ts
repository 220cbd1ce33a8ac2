/**
 * The message layer of RFC 7252 section 4 as a step over a mutable core: a batch of datagrams and the time go in,
 * datagrams and events come out in `Effects`. It knows no clock, no socket and no promise.
 */
import type { DatagramBatch, Endpoint, LinkTiming } from '../link/link.ts';
import { ParsedMessage, parseMessage, parseOutcome } from './codec.ts';
import { code, emptyCode, isRequest, isSafe, messageType } from './codes.ts';
import { Deduplication, entryState, hashBytes } from './deduplication.ts';
import type { Effects } from './effects.ts';
import type { CoapErrorCode } from './errors.ts';
import { IncomingRequest } from './incoming.ts';
import { option } from './options.ts';
import type { Outgoing } from './outgoing.ts';
import { type Peer, Peers } from './peers.ts';
import { ReceivedMessage } from './received.ts';
import { TimerWheel } from './timer-wheel.ts';
import { Tokens } from './tokens.ts';
import type { CoapCounters } from './types.ts';

export interface MessageLayerOptions {
  readonly timing: LinkTiming;
  readonly nstart: number;
  /** Unsafe requests remembered at once. */
  readonly dedupCapacity: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Handed to every request. */
  readonly signal: AbortSignal;
}

export interface MessageLayer {
  readonly options: MessageLayerOptions;
  readonly counters: CoapCounters;
  readonly dedup: Deduplication;
  readonly peers: Peers;
  readonly tokens: Tokens;
  readonly timers: TimerWheel<Outgoing | IncomingRequest>;
  /** Requests whose answer takes longer than the step, by endpoint and message ID. */
  readonly deferred: Map<number, IncomingRequest>;
  readonly parsed: ParsedMessage;
}

export function createMessageLayer(options: MessageLayerOptions, now: number): MessageLayer {
  const { timing, nstart, random } = options;
  return {
    options,
    counters: createCounters(),
    dedup: new Deduplication(timing.exchangeLifetimeMs, timing.maxMessage, options.dedupCapacity),
    peers: new Peers(timing.exchangeLifetimeMs, nstart, random),
    tokens: new Tokens(random),
    timers: new TimerWheel(now),
    deferred: new Map(),
    parsed: new ParsedMessage(),
  };
}

function createCounters(): CoapCounters {
  return {
    messagesIn: 0,
    messagesOut: 0,
    malformed: 0,
    duplicates: 0,
    retransmissions: 0,
    timeouts: 0,
    resets: 0,
    refused: 0,
    unmatched: 0,
  };
}

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

// Empty messages: ping, ACK, RST.

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

/** An empty ACK ends the interaction (RFC 7252 section 4.7); a request goes on waiting for its response. */
function acknowledged(layer: MessageLayer, outgoing: Outgoing, now: number, out: Effects): void {
  if (outgoing.code === emptyCode) return;
  const expectsResponse = outgoing.tokenIndex >= 0;
  leaveOutstanding(layer, outgoing, now, out);
  if (expectsResponse) awaitResponse(layer, outgoing, now);
  else outgoing.phase = 'done';
  out.events.push({ kind: 'acknowledged', outgoing });
}

function awaitResponse(layer: MessageLayer, outgoing: Outgoing, now: number): void {
  outgoing.phase = 'waiting';
  layer.timers.set(outgoing, now + outgoing.responseTimeoutMs);
}

// Responses.

function receiveResponse(
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
  out.events.push({ kind: 'response', outgoing, message: new ReceivedMessage(bytes, parsed.payloadStart) });
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

// Requests.

function receiveRequest(
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

const deferredKey = (from: Endpoint, messageId: number): number => from.id * 0x10000 + messageId;

/** The answer is on its way; meanwhile a repetition is told so. */
function repeatsDeferred(layer: MessageLayer, from: Endpoint, bytes: Uint8Array, out: Effects): boolean {
  const request = layer.deferred.get(deferredKey(from, layer.parsed.messageId));
  if (request === undefined || !equalBytes(request.bytes, bytes)) return false;
  layer.counters.duplicates += 1;
  if (request.type !== messageType.con) return true;
  if (request.acknowledged) sendEmpty(layer, from, messageType.ack, request.messageId, out);
  else acknowledgeLate(layer, request, out);
  return true;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
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
  layer.deferred.set(deferredKey(request.from, request.messageId), request);
  if (request.type === messageType.con) layer.timers.set(request, now + layer.options.timing.ackDelayMs);
}

function acknowledgeLate(layer: MessageLayer, request: IncomingRequest, out: Effects): void {
  layer.timers.cancel(request);
  request.acknowledged = true;
  if (request.dedupSequence >= 0) layer.dedup.acknowledge(request.dedupSequence);
  sendEmpty(layer, request.from, messageType.ack, request.messageId, out);
}

/** Ends the wait of `defer`: the answer follows in this step. */
export function settle(layer: MessageLayer, request: IncomingRequest): void {
  layer.timers.cancel(request);
  const key = deferredKey(request.from, request.messageId);
  if (layer.deferred.get(key) === request) layer.deferred.delete(key);
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

// Messages of our own.

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

function expireOutgoing(layer: MessageLayer, outgoing: Outgoing, now: number, out: Effects): void {
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

function fail(layer: MessageLayer, outgoing: Outgoing, why: CoapErrorCode, now: number, out: Effects): void {
  withdraw(layer, outgoing, now, out);
  out.events.push({ kind: 'failed', outgoing, code: why });
}

function finish(layer: MessageLayer, outgoing: Outgoing): void {
  layer.timers.cancel(outgoing);
  layer.tokens.release(outgoing);
  outgoing.phase = 'done';
}

function leaveOutstanding(layer: MessageLayer, outgoing: Outgoing, now: number, out: Effects): void {
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

// Datagrams.

function takeMessageId(layer: MessageLayer, to: Endpoint, now: number): number {
  return layer.peers.take(to, now)?.ids.take(now) ?? -1;
}

const noToken = new Uint8Array(0);

function sendEmpty(layer: MessageLayer, to: Endpoint, type: number, messageId: number, out: Effects): void {
  out.writer.reserve(4);
  out.writer.start(type, emptyCode, messageId, noToken, 0, 0);
  sendWritten(layer, to, out);
}

function sendCopy(layer: MessageLayer, to: Endpoint, message: Uint8Array, out: Effects): void {
  out.writer.copy(message);
  sendWritten(layer, to, out);
}

function sendWritten(layer: MessageLayer, to: Endpoint, out: Effects): void {
  layer.counters.messagesOut += 1;
  out.sendWritten(to);
}

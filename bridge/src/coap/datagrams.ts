/** What the parts of the message layer send. */
import type { Endpoint } from '../link/link.ts';
import { emptyCode } from './codes.ts';
import type { Effects } from './effects.ts';
import type { MessageLayer } from './layer-state.ts';

/** -1 when none is free. */
export function takeMessageId(layer: MessageLayer, to: Endpoint, now: number): number {
  return layer.peers.take(to, now)?.ids.take(now) ?? -1;
}

const noToken = new Uint8Array(0);

/** ACK or RST (RFC 7252 section 4.1). */
export function sendEmpty(
  layer: MessageLayer,
  to: Endpoint,
  type: number,
  messageId: number,
  out: Effects,
): void {
  out.writer.reserve(4);
  out.writer.start(type, emptyCode, messageId, noToken, 0, 0);
  sendWritten(layer, to, out);
}

/** A message as it was sent before. */
export function sendCopy(layer: MessageLayer, to: Endpoint, message: Uint8Array, out: Effects): void {
  out.writer.copy(message);
  sendWritten(layer, to, out);
}

/** The message that was written last. */
export function sendWritten(layer: MessageLayer, to: Endpoint, out: Effects): void {
  layer.counters.messagesOut += 1;
  out.sendWritten(to);
}

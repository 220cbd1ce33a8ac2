import type { Endpoint, Link } from '../link/link.ts';
import { MessageWriter } from './codec.ts';
import type { CoapErrorCode } from './errors.ts';
import type { IncomingRequest } from './incoming.ts';
import type { Outgoing } from './outgoing.ts';
import type { ReceivedMessage } from './received.ts';

/** What the layers above have to hear of after a step. */
export type LayerEvent =
  | { readonly kind: 'request'; readonly request: IncomingRequest }
  | { readonly kind: 'response'; readonly outgoing: Outgoing; readonly message: ReceivedMessage }
  | { readonly kind: 'acknowledged'; readonly outgoing: Outgoing }
  | { readonly kind: 'retransmitted'; readonly outgoing: Outgoing }
  | { readonly kind: 'failed'; readonly outgoing: Outgoing; readonly code: CoapErrorCode }
  /** RST for a message that expected no ACK, such as a NON notification. */
  | { readonly kind: 'reset'; readonly from: Endpoint; readonly messageId: number };

/** What a step asks for: datagrams to send and events to hand up. One object per context, reused for every step. */
export class Effects {
  readonly writer = new MessageWriter();
  events: LayerEvent[] = [];
  private spare: LayerEvent[] = [];
  private count = 0;
  private readonly to: Endpoint[] = [];
  private readonly slabs: Uint8Array[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** Queues the message last written. */
  sendWritten(to: Endpoint): void {
    const { writer, count } = this;
    this.to[count] = to;
    this.slabs[count] = writer.slab;
    this.starts[count] = writer.messageStart;
    this.ends[count] = writer.position;
    this.count = count + 1;
  }

  /** The events so far; the queue starts afresh. The array is valid until the next call. */
  takeEvents(): readonly LayerEvent[] {
    const taken = this.events;
    this.spare.length = 0;
    this.events = this.spare;
    this.spare = taken;
    return taken;
  }

  /** Hands all datagrams to the link; the slab is reused when the link is done with it. */
  flush(link: Link): void {
    const { count } = this;
    if (count === 0) return;
    for (let index = 0; index < count; index += 1) {
      const to = this.to[index];
      const slab = this.slabs[index];
      if (to !== undefined && slab !== undefined)
        link.send(to, slab, this.starts[index] ?? 0, this.ends[index] ?? 0);
    }
    this.count = 0;
    if (link.flush()) this.writer.rewind();
    else this.writer.renew();
  }
}

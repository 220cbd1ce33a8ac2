import { code } from '../coap/codes.ts';
import {
  decodeEnvelope,
  isInstanceName,
  isReport,
  type MessageEnvelope,
  type ReportEnvelope,
} from '../message/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { abiLimits, contentFormat, outcome } from '../tables/index.ts';
import type { ArrivedMessage, Command, Refusal } from './messages.ts';
import { ReceivedMessages } from './received-messages.ts';
import { emptyResponse } from './responses.ts';
import type { SharedState } from './shared-state.ts';

const taken = emptyResponse(code.changed);

/** `POST /m/{name}`: messages and reports of other nodes, and messages from outside. */
export class MessageReception {
  readonly #shared: SharedState;
  readonly #post: (command: Command) => void;
  readonly #received = new ReceivedMessages();
  readonly #deliveries = new Map<number, (refusal: Refusal | undefined) => void>();
  #lastDelivery = 0;

  constructor(shared: SharedState, post: (command: Command) => void) {
    this.#shared = shared;
    this.#post = post;
  }

  /** RadonError where the answer is an error. */
  async receive(to: string, { payload, contentFormat: format }: NodeRequest): Promise<NodeResponse> {
    if (!isInstanceName(to)) throw new RadonError('NO_SUCH_ATOM', { name: to });
    if (format !== contentFormat.RADON_MESSAGE) return await this.#fromOutside(to, payload);
    const envelope = decodeEnvelope(payload);
    const [node = ''] = envelope.from.split('/');
    const { incarnation, seq } = envelope;
    if (!this.#received.take(node, incarnation, seq)) {
      this.#shared.add('repeatedMessages');
      return taken;
    }
    if (isReport(envelope)) return this.#report(to, envelope);
    try {
      return await this.#deliver(arrived(to, envelope));
    } catch (error) {
      this.#received.forget(node, incarnation, seq);
      throw error;
    }
  }

  async #fromOutside(to: string, payload: Uint8Array): Promise<NodeResponse> {
    const { length: have } = payload;
    const limit = abiLimits.messageBytes;
    if (have > limit) throw new RadonError('TOO_LARGE', { have, limit });
    const plain = { sender: '', id: 0, correlation: 0, unordered: true };
    return await this.#deliver({ to, ...plain, payload: new Uint8Array(payload) });
  }

  #report(
    sender: string,
    { correlation: id, from: destination, outcome: error }: ReportEnvelope,
  ): NodeResponse {
    this.#post({ op: 'outcome', outcome: { sender, id, destination, reason: outcome.NOT_DELIVERED, error } });
    return taken;
  }

  async #deliver(message: ArrivedMessage): Promise<NodeResponse> {
    this.#lastDelivery += 1;
    const delivery = this.#lastDelivery;
    const refusal = await new Promise<Refusal | undefined>((resolve) => {
      this.#deliveries.set(delivery, resolve);
      this.#post({ op: 'deliver', delivery, message });
    });
    if (refusal !== undefined) throw new RadonError(refusal.error, refusal.details);
    return taken;
  }

  delivered(delivery: number, refusal: Refusal | undefined): void {
    this.#deliveries.get(delivery)?.(refusal);
    this.#deliveries.delete(delivery);
  }

  /** Nobody will tell any more what became of those on their way: they may be tried again. */
  giveUp(node: string): void {
    const refusal: Refusal = { error: 'NODE_LOST', details: { name: node } };
    for (const delivery of this.#deliveries.keys()) this.delivered(delivery, refusal);
  }
}

function arrived(to: string, envelope: MessageEnvelope): ArrivedMessage {
  const { from: sender, id, correlation = 0, flags = 0, payload } = envelope;
  return { to, sender, id, correlation, unordered: (flags & 1) !== 0, payload: new Uint8Array(payload) };
}

import type { Configuration } from '../image/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodeResponse } from '../registry/node.ts';
import { abiLimits } from '../tables/index.ts';
import { requestBytes } from './activation/inbox.ts';
import type { Command, RequestEvent } from './messages.ts';

import { type AtomState, requestState, requestsPerAtom } from './shared-state.ts';

/** A request on its way to the atom: everything of the event but its ticket and its end. */
export type RequestParts = Omit<RequestEvent, 'ticket' | 'waitUntil'>;

interface OpenRequest {
  readonly event: RequestEvent;
  readonly resolve: (response: NodeResponse) => void;
  timer: NodeJS.Timeout;
}

const { free, waiting, handling, kept, open, answered, expired } = requestState;

/** The requests of one atom that became events and are not answered yet. */
export class OpenRequestTable {
  readonly name: string;
  readonly #index: number;
  readonly #state: AtomState;
  readonly #post: (command: Command) => void;
  readonly #now: () => number;
  readonly #requests = new Map<number, OpenRequest>();

  constructor(
    atom: { readonly name: string; readonly index: number; readonly state: AtomState },
    post: (command: Command) => void,
    now: () => number,
  ) {
    this.name = atom.name;
    this.#index = atom.index;
    this.#state = atom.state;
    this.#post = post;
    this.#now = now;
  }

  /** Makes a request an event. Throws RadonError TOO_LARGE or INBOX_FULL when the inbox does not take it. */
  deliver(parts: RequestParts, configuration: Configuration): Promise<NodeResponse> {
    const { limits, replyWithinMs } = configuration;
    checkSize(parts, limits);
    const ticket = this.#reserve(requestBytes(parts), limits);
    const waitMs = Math.min(limits.inbox.waitMs, replyWithinMs);
    const event: RequestEvent = { ...parts, ticket, waitUntil: this.#now() + waitMs };
    const cell = this.#state.request(ticket);
    cell.event = 0;
    cell.failures = 0;
    cell.place = 0;
    cell.state = waiting;
    this.#post({ op: 'request', index: this.#index, request: event });
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#waited(ticket, replyWithinMs - waitMs), waitMs);
      this.#requests.set(ticket, { event, resolve, timer });
    });
  }

  /** Whether the inbox has a free place. */
  hasRoom(configuration: Configuration | undefined): boolean {
    const places = configuration?.limits.inbox.messages ?? 0;
    return this.#state.get('inboxMessages') < places && this.#freeTicket() !== undefined;
  }

  /** The atom or the activation level answers. */
  answer(ticket: number, response: NodeResponse): void {
    const request = this.#requests.get(ticket);
    if (request === undefined) return;
    clearTimeout(request.timer);
    this.#requests.delete(ticket);
    request.resolve(response);
  }

  /** What a new worker goes on with; requests that were answered but not told are given up. */
  aftermath(): RequestEvent[] {
    this.#state.set('inboxMessages', 0);
    this.#state.set('inboxBytes', 0);
    for (let ticket = 0; ticket < requestsPerAtom; ticket += 1) {
      const cell = this.#state.request(ticket);
      if (cell.state === answered || cell.state === expired) cell.state = free;
      if (cell.state === free)
        this.answer(ticket, this.#refusal('ATOM_FAILED', { detail: 'the worker ended' }));
    }
    const events = Array.from(this.#requests.values(), ({ event }) => event);
    for (const event of events)
      if (this.#state.request(event.ticket).state !== open) this.#count(requestBytes(event));
    return events;
  }

  /** Nobody will answer any more. */
  close(): void {
    for (const [ticket, { timer }] of this.#requests) {
      clearTimeout(timer);
      this.answer(ticket, this.#refusal('NOT_RUNNING', { phase: 'TERMINATED' }));
    }
  }

  #reserve(bytes: number, { inbox }: Configuration['limits']): number {
    const ticket = this.#freeTicket();
    if (ticket === undefined || !this.#state.reserve(bytes, inbox)) {
      throw new RadonError('INBOX_FULL', { name: this.name });
    }
    return ticket;
  }

  #count(bytes: number): void {
    this.#state.add('inboxMessages');
    this.#state.add('inboxBytes', bytes);
  }

  #freeTicket(): number | undefined {
    for (let ticket = 0; ticket < requestsPerAtom; ticket += 1) {
      if (!this.#requests.has(ticket) && this.#state.request(ticket).state === free) return ticket;
    }
    return undefined;
  }

  /** It waited as long as it may; one that is handled or was handled may still be answered for `moreMs`. */
  #waited(ticket: number, moreMs: number): void {
    const request = this.#requests.get(ticket);
    const states = moreMs > 0 ? [waiting, kept] : [waiting, kept, handling, open];
    if (request === undefined) return;
    if (this.#state.request(ticket).step(states, expired)) {
      this.#post({ op: 'expired', index: this.#index, ticket });
      this.answer(ticket, this.#refusal('NO_ANSWER_FROM_ATOM', {}));
    } else if (moreMs > 0) request.timer = setTimeout(() => this.#waited(ticket, 0), moreMs);
  }

  #refusal(
    code: 'NO_ANSWER_FROM_ATOM' | 'ATOM_FAILED' | 'NOT_RUNNING',
    details: Record<string, string>,
  ): NodeResponse {
    return problemReply(new RadonError(code, { name: this.name, ...details }));
  }
}

function checkSize(parts: RequestParts, limits: Configuration['limits']): void {
  const refuse = (have: number, limit: number) => {
    if (have > limit) throw new RadonError('TOO_LARGE', { have, limit });
  };
  refuse(parts.payload.length, limits.body);
  refuse(requestBytes(parts), limits.inbox.bytes);
  refuse(Buffer.byteLength(parts.query), abiLimits.queryBytes);
}

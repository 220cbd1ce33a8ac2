import type { RequestEvent } from '../messages.ts';
import { type AtomState, type RequestCell, requestState } from '../shared-state.ts';

/** A request in the inbox; marks as in firmware/include/radon/runtime/inbox.h. */
export interface Message {
  readonly request: RequestEvent;
  readonly cell: RequestCell;
  readonly place: number;
  /** Bytes of path, query and payload. */
  readonly bytes: number;
  /** Answered with LATER at least once: messages of the same sender stay behind it. */
  kept: boolean;
  /** Kept just now: until then only the end of another activation lets it run. 0 when it may. */
  heldUntil: number;
  /** The network level has said that it answered the request: the cell may be used again once this is gone. */
  given: boolean;
}

/** Bytes a request takes of `inbox.bytes`. */
export function requestBytes(request: Pick<RequestEvent, 'path' | 'query' | 'payload'>): number {
  return Buffer.byteLength(request.path) + Buffer.byteLength(request.query) + request.payload.length;
}

/** The requests of an atom that are not done yet, in the order of arrival. Room was reserved by the network level. */
export class Inbox {
  readonly #state: AtomState;
  readonly #later: (write: () => void) => void;
  readonly #messages: Message[] = [];

  /** `later` delays what others see until they have heard of it. */
  constructor(state: AtomState, later: (write: () => void) => void) {
    this.#state = state;
    this.#later = later;
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  append(request: RequestEvent, place: number): Message {
    const cell = this.#state.request(request.ticket);
    const bytes = requestBytes(request);
    const message = { request, cell, place, bytes, kept: false, heldUntil: 0, given: false };
    this.#messages.push(message);
    return message;
  }

  find(ticket: number): Message | undefined {
    return this.#messages.find(({ request }) => request.ticket === ticket);
  }

  /** Takes a message out and gives its room back. True when somebody waits for room. */
  remove(message: Message): boolean {
    const { cell, bytes, given } = message;
    this.#messages.splice(this.#messages.indexOf(message), 1);
    this.#later(() => {
      this.#state.add('inboxMessages', -1);
      this.#state.add('inboxBytes', -bytes);
      if (given || cell.state === requestState.answered) cell.state = requestState.free;
    });
    return this.#state.get('wantsRoom') === 1;
  }

  /** The first message that may run. One that has waited too long is left to the network level, which answers it. */
  choose(now: number): Message | undefined {
    const blocked = new Set<number>();
    for (const message of this.#messages) {
      const { sender, waitUntil } = message.request;
      const isOpen = message.cell.state < requestState.answered && now < waitUntil;
      if (isOpen && message.heldUntil <= now && !blocked.has(sender)) return message;
      if (message.kept) blocked.add(sender);
    }
    return undefined;
  }

  /** Another activation ended: every kept message may run again. */
  release(except?: Message): void {
    for (const message of this.#messages) if (message !== except) message.heldUntil = 0;
  }

  /** When a held message may run without another activation, or Infinity. */
  nextWake(now: number): number {
    const held = this.#messages.filter(({ heldUntil }) => heldUntil > now);
    return Math.min(...held.map(({ heldUntil }) => heldUntil));
  }
}

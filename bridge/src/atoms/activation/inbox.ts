import { eventKind } from '../../tables/index.ts';
import type { Letter, LetterCell } from '../letter-cell.ts';
import type { RequestEvent } from '../messages.ts';
import { type AtomState, type RequestCell, requestState } from '../shared-state.ts';
import { type CurrentEvent, createEvent } from './current-event.ts';

/** What an event in the inbox and its cell in shared memory have in common; marks as in firmware/include/radon/runtime/inbox.h. */
interface Marks {
  readonly place: number;
  /** Of `inbox.bytes`. */
  readonly bytes: number;
  /** Entries of equal senders stay in order once one was kept; undefined: a sender of its own. */
  readonly sender: string | number | undefined;
  /** Milliseconds since the node started. */
  readonly arrivedAt: number;
  readonly waitUntil: number;
  /** Sent to this instance, or kept by it (`isAddressed` false); undefined: the policy decides. */
  target: number | undefined;
  readonly isAddressed: boolean;
  /** Its count among those that were given a round-robin place, -1 without. */
  round: number;
  /** Answered with LATER at least once: entries of the same sender stay behind it. */
  kept: boolean;
  /** Kept just now: until then only the end of another activation lets it run. 0 when it may. */
  heldUntil: number;
  /** Numbers of the instances that rejected it. */
  rejectedBy: readonly number[];
  /** An instance was created for it because others rejected it. */
  renewed: boolean;
  /** Counted as one that belongs to an instance. */
  isReady: boolean;
}

export interface RequestEntry extends Marks {
  readonly kind: 'REQUEST';
  readonly request: RequestEvent;
  readonly cell: RequestCell;
  /** The network level has said that it answered the request: the cell may be used again once this is gone. */
  given: boolean;
}

export interface LetterEntry extends Marks {
  readonly kind: 'MESSAGE' | 'UNDELIVERED' | 'START';
  readonly letter: Letter;
  readonly cell: LetterCell;
  /** `reply` has answered it. */
  replied: boolean;
}

/** An event that waits in the inbox, or is handled. */
export type Entry = RequestEntry | LetterEntry;

/** Bytes a request takes of `inbox.bytes`. */
export function requestBytes(request: Pick<RequestEvent, 'path' | 'query' | 'payload'>): number {
  return Buffer.byteLength(request.path) + Buffer.byteLength(request.query) + request.payload.length;
}

/** Bytes a message, a report or a start takes of `inbox.bytes`. */
export function letterBytesOf({ sender, payload }: Pick<Letter, 'sender' | 'payload'>): number {
  return sender.length + payload.length;
}

export function requestEntry(
  request: RequestEvent,
  cell: RequestCell,
  place: number,
  now: number,
): RequestEntry {
  cell.place = place;
  return {
    kind: 'REQUEST',
    request,
    cell,
    given: false,
    ...marks(place, requestBytes(request), request.sender, now, request.waitUntil, request.instance),
  };
}

export function letterEntry(letter: Letter, cell: LetterCell, place: number, now: number): LetterEntry {
  const kind = letterKind(letter.kind);
  cell.place = place;
  const sender = kind === 'MESSAGE' && !letter.unordered ? letter.sender : undefined;
  const target = letter.target < 0 ? undefined : letter.target;
  return {
    kind,
    letter,
    cell,
    replied: false,
    ...marks(place, letterBytesOf(letter), sender, now, letter.waitUntil, target),
  };
}

function marks(
  place: number,
  bytes: number,
  sender: string | number | undefined,
  arrivedAt: number,
  waitUntil: number,
  target: number | undefined,
): Marks {
  const isAddressed = target !== undefined;
  return {
    place,
    bytes,
    sender,
    arrivedAt,
    waitUntil,
    target,
    isAddressed,
    round: -1,
    kept: false,
    heldUntil: 0,
    rejectedBy: none,
    renewed: false,
    isReady: false,
  };
}

const none: readonly number[] = [];

function letterKind(kind: number): LetterEntry['kind'] {
  if (kind === eventKind.MESSAGE) return 'MESSAGE';
  return kind === eventKind.UNDELIVERED ? 'UNDELIVERED' : 'START';
}

/** The event that an entry is. */
export function entryEvent(entry: Entry): CurrentEvent {
  const id = entry.cell.event;
  if (entry.kind === 'REQUEST') {
    const { method, format, accept, path, query, payload } = entry.request;
    return createEvent('REQUEST', id, { method, format, accept, path, query, payload, entry });
  }
  const { sender, payload, correlation, reason, handle } = entry.letter;
  return createEvent(entry.kind, id, { sender, payload, correlation, reason, handle, entry });
}

/** Requests, messages, reports and starts of an atom that are not done yet, in the order of their places. */
export class Inbox {
  readonly #state: AtomState;
  readonly #later: (write: () => void) => void;
  readonly #entries: Entry[] = [];

  /** `later` delays what others see until they have heard of it. */
  constructor(state: AtomState, later: (write: () => void) => void) {
    this.#state = state;
    this.#later = later;
  }

  /** Whether the letter of a cell is here already. */
  holds(cell: LetterCell): boolean {
    return this.#entries.some((entry) => entry.cell === cell);
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  append(entry: Entry): void {
    this.#entries.push(entry);
    this.#mark(entry, entry.isAddressed || entry.round >= 0);
  }

  find(ticket: number): RequestEntry | undefined {
    for (const entry of this.#entries) {
      if (entry.kind === 'REQUEST' && entry.request.ticket === ticket) return entry;
    }
    return undefined;
  }

  /** An instance begins or stops handling an entry. */
  handle(entry: Entry, isHandled: boolean): void {
    if (entry.kind !== 'REQUEST') entry.cell.handling = isHandled;
    this.#mark(entry, isHandled || entry.isAddressed || entry.round >= 0);
  }

  #mark(entry: Entry, isReady: boolean): void {
    if (entry.isReady === isReady) return;
    entry.isReady = isReady;
    this.#state.add('ready', isReady ? 1 : -1);
  }

  /** Takes an entry out and gives its room back. True when somebody waits for room. */
  remove(entry: Entry): boolean {
    const { bytes, isReady } = entry;
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    const giveBack = () => {
      this.#state.release(bytes);
      if (isReady) this.#state.add('ready', -1);
    };
    if (entry.kind === 'REQUEST') {
      this.#later(() => {
        giveBack();
        freeCell(entry);
      });
    } else {
      // Atoms that send know at once that there is room.
      entry.cell.free();
      giveBack();
    }
    return this.#state.get('wantsRoom') === 1;
  }

  /** Another activation ended: every kept entry may run again. */
  release(except?: Entry): void {
    for (const entry of this.#entries) if (entry !== except) entry.heldUntil = 0;
  }

  /** When a held entry may run without another activation, or an entry has waited too long; Infinity for never. */
  nextWake(now: number): number {
    let wake = Number.POSITIVE_INFINITY;
    for (const { heldUntil, waitUntil, kind } of this.#entries) {
      if (heldUntil > now) wake = Math.min(wake, heldUntil);
      if (kind !== 'REQUEST') wake = Math.min(wake, waitUntil);
    }
    return wake;
  }
}

/** Whether an entry is still there to be handled: the network level gives up requests by itself. */
export function isOpen(entry: Entry, now: number): boolean {
  if (now >= entry.waitUntil) return false;
  return entry.kind !== 'REQUEST' || entry.cell.state < requestState.answered;
}

function freeCell({ given, cell }: RequestEntry): void {
  if (given || cell.state === requestState.answered) cell.state = requestState.free;
}

import type { ErrorDetails } from '../../problem/index.ts';
import { abiError, type ErrorName, handlerResult, method } from '../../tables/index.ts';
import { requestState } from '../shared-state.ts';
import type { CurrentEvent } from './current-event.ts';
import type { EventQueue } from './event-queue.ts';
import type { Entry, LetterEntry, RequestEntry } from './inbox.ts';
import type { Instance } from './instance.ts';
import type { AtomParts } from './instance-caller.ts';
import type { InstanceTable } from './instance-table.ts';
import type { PendingRequest } from './own-requests.ts';
import type { Assignment } from './policy.ts';

/** An event that failed this often is dropped. */
const mostOffers = 2;

/** What becomes of events: handled, kept, rejected, failed, dropped; and who hears of it. */
export class Settlement {
  readonly #parts: AtomParts;
  readonly #queue: EventQueue;
  readonly #instances: InstanceTable;
  readonly #assignment: Assignment;

  constructor(parts: AtomParts, queue: EventQueue, instances: InstanceTable, assignment: Assignment) {
    this.#parts = parts;
    this.#queue = queue;
    this.#instances = instances;
    this.#assignment = assignment;
  }

  // ---- Before ----

  /** Takes an event from where it waited; false when the node gave it up meanwhile. */
  take(event: CurrentEvent, instance: Instance): boolean {
    const { entry, signal } = event;
    const { open, inbox, nextEventId } = this.#parts;
    if (entry?.kind === 'REQUEST' && !open.start(entry.request.ticket, entry.cell, instance.number))
      return false;
    if (event.id === 0) event.id = nextEventId();
    if (entry !== undefined) {
      entry.cell.event = event.id;
      inbox.handle(entry, true);
    }
    if (signal !== undefined) {
      signal.waiting = false;
      signal.id = event.id;
    }
    instance.offered += 1;
    return true;
  }

  /** No function handles this kind of event. */
  discard({ entry, signal, request, method: code, path }: CurrentEvent): void {
    const { name } = this.#parts.start;
    signal?.forget();
    if (request !== undefined) this.#responded(request);
    if (entry === undefined) this.count('dropped');
    else if (entry.kind !== 'REQUEST') this.dropLetter(entry, abiError.E_STATE);
    else if (code === method.GET) this.refuse(entry, 'NO_ANSWER_FROM_ATOM', { name });
    else
      this.refuse(entry, 'METHOD_NOT_ALLOWED', {
        name: `/a/${name}/${path}`,
        method: methodNames[code] ?? '',
      });
  }

  // ---- After ----

  /** What becomes of an event that was handled. */
  settle(event: CurrentEvent, result: number, instance: Instance): void {
    const { entry } = event;
    if (entry !== undefined) this.#parts.inbox.handle(entry, false);
    const isKept =
      result === handlerResult.LATER
        ? this.#keep(event, instance)
        : result === handlerResult.REJECT
          ? this.#reject(event, instance)
          : false;
    if (!isKept) this.#done(event, instance);
    this.#queue.release(isKept ? event : undefined);
  }

  /** Answered with LATER. False for what was answered already: it is done. */
  #keep(event: CurrentEvent, instance: Instance): boolean {
    const { entry, signal } = event;
    const now = this.#parts.node.now();
    if (entry?.kind === 'REQUEST') return this.#keepRequest(entry, event, instance, now);
    if (entry?.replied === true) return false;
    if (entry === undefined && signal === undefined) return false;
    this.#queue.hold(event, instance, now);
    return true;
  }

  #keepRequest(entry: RequestEntry, event: CurrentEvent, instance: Instance, now: number): boolean {
    const { cell, request } = entry;
    if (cell.state === requestState.answered) return false;
    this.#queue.hold(event, instance, now);
    if (!this.#parts.open.keep(request.ticket, cell)) this.#drop(entry);
    else if (now >= request.waitUntil)
      this.refuse(entry, 'NO_ANSWER_FROM_ATOM', { name: this.#parts.start.name });
    return true;
  }

  /** Answered with REJECT: offered to another instance where there is one. True when nothing is left to do. */
  #reject({ entry, request }: CurrentEvent, instance: Instance): boolean {
    const isOver =
      entry?.kind === 'REQUEST' ? entry.cell.state === requestState.answered : entry?.replied === true;
    if (isOver) return false;
    if (request !== undefined) this.#responded(request);
    if (entry === undefined || entry.kind === 'UNDELIVERED') {
      if (entry === undefined) this.count('dropped');
      else this.#drop(entry);
      return true;
    }
    entry.rejectedBy = [...entry.rejectedBy, instance.number];
    if (!this.#assignment.hasOther(entry, this.#instances)) this.#rejected(entry);
    else if (entry.kind === 'REQUEST' && !this.#parts.open.keep(entry.request.ticket, entry.cell))
      this.#drop(entry);
    return true;
  }

  #rejected(entry: Entry): void {
    if (entry.kind === 'REQUEST') this.refuse(entry, 'REJECTED', { name: this.#parts.start.name });
    else this.dropLetter(entry, abiError.E_DENIED);
  }

  #done({ kind, entry, request }: CurrentEvent, instance: Instance): void {
    if (request !== undefined) this.#responded(request);
    if (entry?.kind === 'REQUEST') {
      const isOpen = entry.cell.step([requestState.handling], requestState.open);
      if (!isOpen) this.#parts.open.forget(entry.request.ticket);
    }
    if (kind !== 'START') {
      instance.handled += 1;
      this.count('done');
    }
    if (entry !== undefined) this.remove(entry);
  }

  /** A response was handled; the last one gives the place back. */
  #responded(request: PendingRequest): void {
    const isLast = request.response?.more !== true;
    request.response = undefined;
    if (isLast) this.#parts.own.remove(request.id);
  }

  /** The instance failed with this event: it is offered again once, where somebody is left to handle it. */
  failed(event: CurrentEvent, isAgain: boolean, instance: Instance, trapKind: string): void {
    const { entry, signal, kind } = event;
    if (isAgain) this.#assignment.bind(entry, instance);
    if (entry !== undefined) this.#entryFailed(entry, isAgain, trapKind);
    else if ((kind === 'TIMER' || kind === 'IO') && isAgain && signal?.retried === false)
      instance.retry = event;
    else if (kind !== 'START' && kind !== 'STOP' && kind !== 'RECOVER') this.count('dropped');
  }

  #entryFailed(entry: Entry, isAgain: boolean, trapKind: string): void {
    const { start, open, inbox } = this.#parts;
    const { name } = start;
    inbox.handle(entry, false);
    entry.cell.failures += 1;
    const again = isAgain && entry.cell.failures < mostOffers;
    if (entry.kind !== 'REQUEST') {
      if (entry.replied) this.#finish(entry);
      else if (!again) this.dropLetter(entry, abiError.E_STATE);
      return;
    }
    if (entry.cell.state === requestState.answered) this.#finish(entry);
    else if (!again) this.refuse(entry, 'ATOM_FAILED', { name, detail: trapKind });
    else if (!open.keep(entry.request.ticket, entry.cell)) this.#drop(entry);
  }

  // ---- Ends ----

  /** An entry that was handled leaves the inbox. */
  #finish(entry: Entry): void {
    this.count('done');
    this.remove(entry);
  }

  #drop(entry: Entry): void {
    this.count('dropped');
    this.remove(entry);
  }

  refuse(entry: RequestEntry, error: ErrorName, details: ErrorDetails): void {
    this.#parts.open.refuse(entry.request.ticket, entry.cell, error, details);
    this.#drop(entry);
  }

  /** Drops a message, report or start; the sender of a message hears of it. */
  dropLetter(entry: LetterEntry, error: number): void {
    const holder = this.#holderOf(entry);
    this.#drop(entry);
    this.#parts.exchange.dropped(entry, holder, error);
  }

  /** Who has an entry: the instance it belongs to, else the atom. */
  #holderOf({ target, round }: LetterEntry): string {
    const { name } = this.#parts.start;
    const number = target ?? this.#assignment.ofRound(round, this.#instances.all)?.number ?? 0;
    return number === 0 ? name : `${name}~${number}`;
  }

  /** Nobody is left to handle an entry. */
  abandon(entry: Entry, details: ErrorDetails): void {
    if (entry.kind === 'REQUEST') this.refuse(entry, 'NOT_RUNNING', details);
    else this.dropLetter(entry, abiError.E_STATE);
  }

  /** The node answered a request itself. */
  forget(entry: RequestEntry): void {
    this.#drop(entry);
  }

  remove(entry: Entry): void {
    if (this.#parts.inbox.remove(entry))
      this.#parts.node.emit({ kind: 'room', index: this.#parts.start.index });
  }

  /** The cell of a request that nobody holds any more may be used again. */
  free(ticket: number): void {
    const cell = this.#parts.state.request(ticket);
    this.#parts.node.later(() => {
      cell.state = requestState.free;
    });
  }

  /** Requests that were handled and not answered, of one instance or all. */
  refuseOpen(details: ErrorDetails, instance?: number): void {
    for (const ticket of this.#parts.open.tickets(instance)) {
      const cell = this.#parts.state.request(ticket);
      this.#parts.open.refuse(ticket, cell, 'NOT_RUNNING', details);
      if (cell.state === requestState.answered) this.free(ticket);
    }
  }

  count(cell: 'done' | 'dropped', amount = 1): void {
    if (amount > 0) this.#parts.node.later(() => this.#parts.state.add(cell, amount));
  }
}

const methodNames = ['', 'GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'];

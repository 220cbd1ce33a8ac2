import { requestState } from '../shared-state.ts';
import type { CurrentEvent } from './current-event.ts';
import { type Entry, entryEvent, isOpen, type LetterEntry } from './inbox.ts';
import type { Instance } from './instance.ts';
import type { AtomParts } from './instance-caller.ts';
import type { InstanceTable } from './instance-table.ts';
import type { Assignment, NewInstance } from './policy.ts';

/** What was answered with LATER is offered again after this time at the latest. */
const heldMs = 100;

/** An event that may run now, and who takes it. */
export interface Chosen {
  readonly event: CurrentEvent;
  /** Undefined: there is nobody, because nobody handles this kind. */
  readonly taker: Instance | NewInstance | undefined;
}

/** The events of one atom in one order of places: its inbox, and what its instances wait for by themselves. */
export class EventQueue {
  readonly #parts: AtomParts;
  readonly #instances: InstanceTable;
  readonly #assignment: Assignment;

  constructor(parts: AtomParts, instances: InstanceTable, assignment: Assignment) {
    this.#parts = parts;
    this.#instances = instances;
    this.#assignment = assignment;
  }

  /** The event with the lowest place that may run now. */
  choose(now: number): Chosen | undefined {
    this.#expireTimers(now);
    const signal = this.#chooseSignal(now);
    return this.#chooseEntry(now, signal?.event.signal?.place ?? Number.POSITIVE_INFINITY) ?? signal;
  }

  #chooseSignal(now: number): Chosen | undefined {
    let found: Chosen | undefined;
    for (const taker of this.#instances.all) {
      if (taker.phase !== 'SUSPENDED') continue;
      const event = taker.chooseSignal(now);
      if (event !== undefined && placeOf(event) < placeOf(found?.event)) found = { event, taker };
    }
    return found;
  }

  /** The first entry before a place that somebody takes. One that waited too long is left to who answers it. */
  #chooseEntry(now: number, before: number): Chosen | undefined {
    const { inbox } = this.#parts;
    let blocked: Set<Entry['sender']> | undefined;
    for (const entry of inbox.entries) {
      if (entry.place >= before) return undefined;
      const isBlocked = entry.sender !== undefined && blocked?.has(entry.sender) === true;
      if (!isBlocked && entry.heldUntil <= now && isOpen(entry, now)) {
        const chosen = this.#offer(entry, now);
        if (chosen !== undefined) return chosen;
      }
      if (entry.kept && entry.sender !== undefined) {
        blocked ??= new Set();
        blocked.add(entry.sender);
      }
    }
    return undefined;
  }

  #offer(entry: Entry, now: number): Chosen | undefined {
    const { code, open } = this.#parts;
    if (entry.kind === 'REQUEST' && !open.room) return undefined;
    if (!code.handles(entry.kind)) return { event: entryEvent(entry), taker: undefined };
    const taker = this.#assignment.choose(entry, this.#instances, now);
    return taker === undefined ? undefined : { event: entryEvent(entry), taker };
  }

  /** Timers that fall due get places in order of due time, then id, then instance. */
  #expireTimers(now: number): void {
    for (let first = this.#earliest(now); first !== undefined; first = this.#earliest(now)) {
      first.timers.expireFirst(now, this.#parts.nextPlace);
    }
  }

  #earliest(now: number): Instance | undefined {
    let found: Instance | undefined;
    for (const instance of this.#instances.all) {
      const due = instance.timers.nextDue;
      if (due <= now && due < (found?.timers.nextDue ?? Number.POSITIVE_INFINITY)) found = instance;
    }
    return found;
  }

  /** An event that was answered with LATER waits again, at its place. */
  hold({ entry, signal, id }: CurrentEvent, instance: Instance, now: number): void {
    if (entry !== undefined) {
      entry.kept = true;
      entry.target = instance.number;
      entry.heldUntil = now + heldMs;
    } else if (signal !== undefined) {
      signal.waiting = true;
      signal.id = id;
      signal.heldUntil = now + heldMs;
    }
  }

  /** The event that an instance handled when its worker ended. */
  handledBy(number: number): CurrentEvent | undefined {
    const handled = this.#parts.inbox.entries.find((entry) => {
      if (entry.kind !== 'REQUEST') return entry.cell.handling;
      return entry.cell.state === requestState.handling && entry.cell.instance === number;
    });
    return handled && entryEvent(handled);
  }

  /** The START event of a spawned instance that failed with it: it is offered again. */
  startOf({ number }: Instance): CurrentEvent | undefined {
    const start = this.#parts.inbox.entries.find(({ kind, target }) => kind === 'START' && target === number);
    return start && entryEvent(start);
  }

  /** An activation ended: what was held before it may run again. */
  release(except?: CurrentEvent): void {
    this.#parts.inbox.release(except?.entry);
    for (const instance of this.#instances.all) {
      for (const signal of instance.signals()) if (signal !== except?.signal) signal.heldUntil = 0;
    }
  }

  /** Messages, reports and starts that waited too long. Requests are the network level's to answer. */
  overdue(now: number): LetterEntry[] {
    const { entries } = this.#parts.inbox;
    return entries.filter(
      (entry): entry is LetterEntry => entry.kind !== 'REQUEST' && now >= entry.waitUntil,
    );
  }

  /** When something may run that cannot now, Infinity for not without something arriving. */
  nextWake(now: number): number {
    let wake = this.#parts.inbox.nextWake(now);
    for (const instance of this.#instances.all) {
      wake = Math.min(wake, instance.restartAt ?? instance.timers.nextDue);
      for (const { waiting, heldUntil } of instance.signals()) {
        if (waiting && heldUntil > now) wake = Math.min(wake, heldUntil);
      }
      if (this.#instances.isFree(instance)) wake = Math.min(wake, this.#assignment.expiry(instance));
    }
    for (const entry of this.#parts.inbox.entries) {
      const creation = this.#assignment.creation(entry);
      if (creation > now) wake = Math.min(wake, creation);
    }
    return wake;
  }
}

function placeOf(event: CurrentEvent | undefined): number {
  return event?.signal?.place ?? Number.POSITIVE_INFINITY;
}

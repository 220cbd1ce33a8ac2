import type { RequestEvent } from '../messages.ts';
import { type CurrentEvent, plainEvent } from './current-event.ts';
import type { Inbox, Message } from './inbox.ts';
import type { Signal } from './signal.ts';
import { Timers } from './timers.ts';
import { Watches } from './watches.ts';

/** What was answered with LATER is offered again after this time at the latest. */
const heldMs = 100;

/** The events of one atom: requests in its inbox, timers and watches of its instance, in one order of places. */
export class EventQueue {
  readonly inbox: Inbox;
  timers = new Timers(0);
  watches = new Watches(0);
  readonly #timers: number;
  readonly #handles: number;
  #lastPlace = 0;

  /** `timers` and `handles`: how many an instance has. */
  constructor(inbox: Inbox, timers: number, handles: number) {
    this.inbox = inbox;
    this.#timers = timers;
    this.#handles = handles;
  }

  receive(request: RequestEvent): Message {
    return this.inbox.append(request, this.#nextPlace());
  }

  /** A new reading of a handle's channel; true when it made an event or renewed one. */
  reading(handle: number, before: number, value: number): boolean {
    return this.watches.reading(handle, before, value, () => this.#nextPlace());
  }

  /** A fresh instance: no timer runs, nothing is watched. A signal that failed waits again, at its old place. */
  open(failed: CurrentEvent | undefined): void {
    this.timers = new Timers(this.#timers);
    this.watches = new Watches(this.#handles);
    if (failed?.signal === undefined) return;
    const { kind, handle, signal } = failed;
    const source = (kind === 'TIMER' ? this.timers : this.watches).all[handle];
    if (source === undefined) return;
    Object.assign(source.signal, signal, { waiting: true, heldUntil: 0, retried: true });
    if ('edge' in source) {
      source.edge = failed.reason;
      source.value = new DataView(failed.payload.buffer).getFloat64(0, true);
    }
  }

  /** The instance is gone; answers how many signals waited. */
  close(): number {
    const waiting = this.#signals().filter((signal) => signal.waiting).length;
    this.timers = new Timers(0);
    this.watches = new Watches(0);
    this.release();
    return waiting;
  }

  /** The event with the lowest place that may run now; a request only where one more can be open. */
  choose(now: number, room: boolean): CurrentEvent | undefined {
    this.timers.expire(now, () => this.#nextPlace());
    const message = room ? this.inbox.choose(now) : undefined;
    const events = [message && requestEvent(message), this.#timer(now), this.#watch(now)];
    return events.reduce((first, event) => (placeOf(event) < placeOf(first) ? event : first), undefined);
  }

  /** A message that was answered with LATER stays where it is. */
  holdMessage(message: Message, now: number): void {
    message.kept = true;
    message.heldUntil = now + heldMs;
  }

  /** A signal that was answered with LATER waits again, at its place. */
  holdSignal(signal: Signal, event: CurrentEvent, now: number): void {
    signal.waiting = true;
    signal.id = event.id;
    signal.heldUntil = now + heldMs;
  }

  /** An activation ended: what was held before it may run again. */
  release(except?: CurrentEvent): void {
    this.inbox.release(except?.message);
    for (const signal of this.#signals()) if (signal !== except?.signal) signal.heldUntil = 0;
  }

  /** When something may run that cannot now, Infinity for not without something arriving. */
  nextWake(now: number): number {
    const held = this.#signals().filter((signal) => signal.waiting && signal.heldUntil > now);
    return Math.min(this.timers.nextDue, this.inbox.nextWake(now), ...held.map(({ heldUntil }) => heldUntil));
  }

  /** A reading waits for its turn. */
  owesReading(now: number): boolean {
    return this.watches.all.some(({ signal }) => signal.mayRun(now));
  }

  #timer(now: number): CurrentEvent | undefined {
    const timer = lowest(this.timers.all, now);
    return timer && { ...plainEvent('TIMER', timer.signal.id), handle: timer.id, signal: timer.signal };
  }

  #watch(now: number): CurrentEvent | undefined {
    const watch = lowest(this.watches.all, now);
    if (watch === undefined) return undefined;
    const payload = new Uint8Array(Float64Array.of(watch.value).buffer);
    const { edge: reason, handle, signal } = watch;
    return { ...plainEvent('IO', signal.id), reason, handle, payload, signal };
  }

  #signals(): Signal[] {
    return [...this.timers.all, ...this.watches.all].map(({ signal }) => signal);
  }

  #nextPlace(): number {
    this.#lastPlace += 1;
    return this.#lastPlace;
  }
}

export function requestEvent(message: Message): CurrentEvent {
  const { method, format, accept, path, query, payload } = message.request;
  const plain = plainEvent('REQUEST', message.cell.event);
  return { ...plain, method, format, accept, path, query, payload, message };
}

function placeOf(event: CurrentEvent | undefined): number {
  return event?.message?.place ?? event?.signal?.place ?? Number.POSITIVE_INFINITY;
}

/** The waiting signal with the lowest place that may run. */
function lowest<T extends { readonly signal: Signal }>(sources: readonly T[], now: number): T | undefined {
  let found: T | undefined;
  for (const source of sources) {
    const { signal } = source;
    if (signal.mayRun(now) && (found === undefined || signal.place < found.signal.place)) found = source;
  }
  return found;
}

import type { Configuration } from '../../image/index.ts';
import type { ErrorDetails } from '../../problem/index.ts';
import { abiError, type ErrorName, eventKind, handlerResult, method } from '../../tables/index.ts';
import type { Aftermath, AtomStart, RequestEvent, StopReason, TrapReport } from '../messages.ts';
import { type AtomState, requestState, type ShownPhase, shownPhase } from '../shared-state.ts';
import { type CurrentEvent, type HandledKind, handlerOf, plainEvent } from './current-event.ts';
import { Guest, type GuestCode, GuestTrap, type Outcome, type Trap } from './guest.ts';
import { type Caller, createHostFunctions } from './host-functions.ts';
import { Inbox, type Message } from './inbox.ts';
import { logLine } from './log-line.ts';
import { OpenRequests } from './open-requests.ts';
import { Publications } from './publications.ts';
import { Recovery } from './recovery.ts';
import type { Signal } from './signal.ts';
import type { Surroundings } from './surroundings.ts';
import { Timers } from './timers.ts';
import { Watches } from './watches.ts';

/** A kept event is offered again after this time at the latest. */
const heldMs = 100;

/** An event that failed this often is dropped. */
const mostOffers = 2;

/** Ranges of guest memory that runtime functions take between two looks at the clock. */
const rangesPerLook = 16;

/** One atom on the activation level: its instance, its events, what follows a failure. One activation a turn. */
export class Atom implements Caller {
  readonly name: string;
  readonly index: number;
  readonly node: Surroundings;
  readonly storage: number;
  timers: Timers;
  watches: Watches;
  event: CurrentEvent | undefined;
  /** When a turn may find something to do; 0 right away. */
  wakeAt = 0;
  readonly #configuration: Configuration;
  readonly #code: GuestCode;
  readonly #state: AtomState;
  readonly #channels: readonly number[];
  readonly #inbox: Inbox;
  readonly #open: OpenRequests;
  #publications: Publications;
  #recovery: Recovery;
  #guest: Guest | undefined;
  /** When the instance is created again after a failure. */
  #restartAt: number | undefined;
  /** The event that is offered again. */
  #retry: CurrentEvent | undefined;
  #exitCode: number | undefined;
  /** Published or notified in this activation. */
  #told = false;
  #nextPlace = 1;
  #wallEnd = 0;
  #ranges = 0;

  constructor(start: AtomStart, code: GuestCode, node: Surroundings) {
    const { configuration } = start;
    this.name = start.name;
    this.index = start.index;
    this.node = node;
    this.storage = configuration.limits.storage;
    this.#configuration = configuration;
    this.#code = code;
    this.#state = node.shared.atom(start.index);
    this.#channels = (configuration.io ?? []).map((name) => node.channels.find(name));
    this.#inbox = new Inbox(this.#state);
    this.#open = new OpenRequests(start.index, configuration.limits.pending, (effect) => node.emit(effect));
    this.#publications = new Publications(configuration.limits.publish);
    this.#recovery = new Recovery(configuration.recovery);
    this.timers = new Timers(configuration.limits.timers);
    this.watches = new Watches(this.#channels.length);
  }

  get phase(): ShownPhase {
    const value = this.#state.get('phase');
    return (Object.keys(shownPhase) as ShownPhase[]).find((name) => shownPhase[name] === value) ?? 'CREATED';
  }

  set phase(phase: ShownPhase) {
    this.#state.set('phase', shownPhase[phase]);
  }

  // ---- Life ----

  /** Starts it as its kind asks; with `trial` a failure is final and answered. */
  start(trial: boolean): TrapReport | undefined {
    this.#state.set('alive', 1);
    this.storageChanged();
    if (this.#configuration.kind === 'reactive') {
      this.phase = 'IDLE';
      this.#changed();
      return undefined;
    }
    const trap = this.#create();
    if (trap === undefined) return undefined;
    const report = this.#report(trap, 'START');
    if (trial) this.#end('ERROR');
    else this.#failed(report, undefined);
    return report;
  }

  /** Goes on after the worker it ran in has ended. */
  adopt(aftermath: Aftermath): void {
    this.#recovery = new Recovery(this.#configuration.recovery, aftermath.failures);
    this.#publications = new Publications(this.#configuration.limits.publish, aftermath.publications);
    const handled = aftermath.requests
      .map((request) => this.#adoptRequest(request))
      .find((event) => event !== undefined);
    if (this.#state.get('alive') === 0 || this.phase === 'IDLE') return;
    if (this.phase === 'ERROR') this.#restartAt = this.node.now();
    else this.#failed(this.#lost(aftermath.stuckIn), handled);
  }

  #lost(stuckIn: string | undefined): TrapReport {
    if (stuckIn === undefined) return this.#report({ kind: 'ABORT', reason: 'the atom worker ended' }, 'START');
    return this.#report({ kind: 'DEADLINE', reason: 'held the atom worker until it was ended' }, stuckIn);
  }

  #adoptRequest(request: RequestEvent): CurrentEvent | undefined {
    const cell = this.#state.request(request.ticket);
    const { state } = cell;
    if (state === requestState.free || state >= requestState.answered) return undefined;
    if (state === requestState.open) {
      this.#open.adopt(request.ticket, cell);
      return undefined;
    }
    const message = this.#inbox.append(request, this.#place());
    return state === requestState.handling ? requestEvent(message, cell.event) : undefined;
  }

  stop(reason: StopReason): void {
    if (this.#guest !== undefined) {
      const event = { ...plainEvent('STOP', this.#nextEventId()), reason };
      const outcome = this.#activate(event);
      if (outcome !== undefined && 'trap' in outcome) this.#report(outcome.trap, 'STOP');
    }
    this.#exitCode = undefined;
    this.#end('TERMINATED');
  }

  // ---- What happens to it ----

  receive(request: RequestEvent): void {
    const message = this.#inbox.append(request, this.#place());
    this.wakeAt = 0;
    if (this.#state.get('alive') === 0) this.#refuseMessage(message, 'NOT_RUNNING', this.#notRunning());
  }

  /** The node answered a request itself. */
  expired(ticket: number): void {
    this.wakeAt = 0;
    this.#open.forget(ticket);
    const message = this.#inbox.find(ticket);
    if (message !== undefined) message.given = true;
    if (message === undefined) this.#state.request(ticket).state = requestState.free;
    else if (message !== this.event?.message) this.#dropMessage(message);
  }

  reading(channel: number, before: number, value: number): void {
    this.#channels.forEach((own, handle) => {
      if (own === channel && this.watches.reading(handle, before, value, () => this.#place()))
        this.wakeAt = 0;
    });
  }

  /** A reading waits for its turn: the next one from outside waits too. */
  owesReading(now: number): boolean {
    return this.phase === 'SUSPENDED' && this.watches.all.some(({ signal }) => signal.mayRun(now));
  }

  // ---- Turns ----

  /** Handles at most one event; false when nothing may run now, then `wakeAt` tells when to look again. */
  turn(now: number): boolean {
    if (this.#restartAt !== undefined && this.#restartAt <= now) return this.#restart();
    const event = this.#restartAt === undefined ? this.#choose(now) : undefined;
    if (event === undefined) {
      this.wakeAt = this.#nextWake();
      return false;
    }
    if (this.phase === 'IDLE') return this.#createFor(event);
    this.#handle(event);
    return true;
  }

  #nextWake(): number {
    if (this.#restartAt !== undefined) return this.#restartAt;
    const held = [...this.timers.all, ...this.watches.all].map(({ signal }) =>
      signal.waiting ? signal.heldUntil : Number.POSITIVE_INFINITY,
    );
    return Math.min(this.timers.nextDue, this.#inbox.nextWake, ...held);
  }

  /** The event with the lowest place that may run now. */
  #choose(now: number): CurrentEvent | undefined {
    if (this.#state.get('alive') === 0) return undefined;
    this.timers.expire(now, () => this.#place());
    const events = [this.#chooseMessage(now), this.#chooseTimer(now), this.#chooseWatch(now)];
    return events.reduce((first, event) => (placeOf(event) < placeOf(first) ? event : first), undefined);
  }

  #chooseMessage(now: number): CurrentEvent | undefined {
    const message = this.#open.room ? this.#inbox.choose(now) : undefined;
    return message && requestEvent(message, message.cell.event);
  }

  #chooseTimer(now: number): CurrentEvent | undefined {
    const timer = lowest(this.timers.all, now);
    return timer && { ...plainEvent('TIMER', timer.signal.id), handle: timer.id, signal: timer.signal };
  }

  #chooseWatch(now: number): CurrentEvent | undefined {
    const watch = lowest(this.watches.all, now);
    if (watch === undefined) return undefined;
    const payload = new Uint8Array(Float64Array.of(watch.value).buffer);
    const { edge: reason, handle, signal } = watch;
    return { ...plainEvent('IO', signal.id), reason, handle, payload, signal };
  }

  /** Offers an event: gives it its id, calls its handler, settles what becomes of it. */
  #handle(chosen: CurrentEvent): void {
    const handler = handlerOf[chosen.kind as HandledKind];
    if (this.#guest?.has(handler) !== true) {
      this.#discard(chosen);
      return;
    }
    const event = chosen.id === 0 ? { ...chosen, id: this.#nextEventId() } : chosen;
    if (!this.#take(event)) return;
    const outcome = this.#activate(event);
    if (outcome === undefined) return;
    if ('trap' in outcome) this.#failed(this.#report(outcome.trap, event.kind), event);
    else this.#completed(event, outcome.result);
  }

  /** Takes an event from where it waited; false when it is gone. */
  #take({ message, signal, id }: CurrentEvent): boolean {
    if (message !== undefined) {
      if (!this.#open.start(message.request.ticket, message.cell)) return false;
      message.cell.event = id;
      this.#state.set('ready', 1);
    }
    if (signal !== undefined) {
      signal.waiting = false;
      signal.id = id;
    }
    return true;
  }

  /** Nothing handles this kind of event. */
  #discard({ message, signal, method: code, path }: CurrentEvent): void {
    signal?.forget();
    if (message === undefined) this.#state.add('dropped');
    else if (code === method.GET) this.#refuseMessage(message, 'NO_ANSWER_FROM_ATOM', { name: this.name });
    else this.#refuseMessage(message, 'METHOD_NOT_ALLOWED', { name: path, method: methodNames[code] ?? '' });
  }

  /** One handler call. */
  #activate(event: CurrentEvent): Outcome | undefined {
    const handler = handlerOf[event.kind as HandledKind];
    if (this.#guest === undefined) return undefined;
    if (event.kind !== 'START') this.phase = 'RUNNING';
    if (this.#guest.has(handler)) this.#state.add('activations');
    this.event = event;
    const outcome = this.#call(handler);
    this.event = undefined;
    this.#state.set('ready', 0);
    return outcome;
  }

  #call(name: Parameters<Guest['call']>[0]): Outcome {
    const { shared } = this.node;
    const { deadlineMs } = this.#configuration.limits;
    const start = this.node.now();
    this.#wallEnd = start + deadlineMs * this.node.wallFactor;
    shared.set('event', eventKind[this.event?.kind ?? 'START']);
    shared.set('deadlineMs', deadlineMs);
    shared.activationStart = start;
    shared.set('running', this.index + 1);
    const outcome = this.#guest?.call(name) ?? { result: 0 };
    shared.set('running', 0);
    return outcome;
  }

  #completed(event: CurrentEvent, result: number): void {
    this.phase = 'COMPLETED';
    this.#settle(event, this.#exitCode === undefined ? result : handlerResult.DONE);
    if (this.#exitCode !== undefined) {
      this.#end(this.#configuration.kind === 'reactive' ? 'IDLE' : 'TERMINATED');
      return;
    }
    this.#tell();
    const outcome = this.#call('collect');
    if ('trap' in outcome) this.#failed(this.#report(outcome.trap, event.kind), undefined);
    else this.phase = 'SUSPENDED';
  }

  /** What becomes of an event that was handled. */
  #settle(event: CurrentEvent, result: number): void {
    const { message, signal } = event;
    const later = result === handlerResult.LATER;
    if (message !== undefined) this.#settleMessage(message, result);
    else if (later && signal !== undefined) hold(signal, event, this.node.now());
    else this.#state.add(result === handlerResult.REJECT ? 'dropped' : 'done');
    this.#inbox.release(later ? message : undefined);
    for (const { signal: other } of [...this.timers.all, ...this.watches.all]) {
      if (!(later && other === signal)) other.heldUntil = 0;
    }
  }

  #settleMessage(message: Message, result: number): void {
    const { cell, request } = message;
    if (result === handlerResult.REJECT && cell.state === requestState.handling) {
      this.#refuseMessage(message, 'REJECTED', { name: this.name });
    } else if (result === handlerResult.LATER && cell.state !== requestState.answered) {
      this.#keep(message, this.node.now());
    } else {
      if (!cell.step([requestState.handling], requestState.open)) this.#open.forget(request.ticket);
      this.#finish(message);
    }
  }

  /** Answered with LATER. A request that the node gave up meanwhile is dropped. */
  #keep(message: Message, now: number): void {
    const { cell, request } = message;
    message.kept = true;
    message.heldUntil = now + heldMs;
    const expired = !this.#open.keep(request.ticket, cell);
    if (expired) this.#dropMessage(message);
    else if (now >= request.waitUntil)
      this.#refuseMessage(message, 'NO_ANSWER_FROM_ATOM', { name: this.name });
  }

  // ---- Creating and ending instances ----

  /** A fresh instance: memory, `_initialize`, `on_start`. */
  #create(): Trap | undefined {
    this.phase = 'CREATED';
    this.#exitCode = undefined;
    this.timers = new Timers(this.#configuration.limits.timers);
    this.watches = new Watches(this.#channels.length);
    this.#restoreRetry();
    try {
      this.#guest = new Guest(this.#code, createHostFunctions(this), this.#configuration.limits);
    } catch (error) {
      return { kind: 'MEMORY', reason: error instanceof Error ? error.message : String(error) };
    }
    this.#state.set('memoryUsed', this.#guest.memory.length);
    const initialised = this.#call('_initialize');
    if ('trap' in initialised) return initialised.trap;
    const started = this.#activate(plainEvent('START', this.#nextEventId()));
    if (started !== undefined && 'trap' in started) return started.trap;
    this.#created();
    return undefined;
  }

  /** A timer or I/O event that failed waits in the new instance, at its old place. */
  #restoreRetry(): void {
    const retry = this.#retry;
    this.#retry = undefined;
    if (retry?.signal === undefined) return;
    const sources = retry.kind === 'TIMER' ? this.timers.all : this.watches.all;
    const signal = sources[retry.handle]?.signal;
    if (signal !== undefined)
      Object.assign(signal, retry.signal, { waiting: true, heldUntil: 0, retried: true });
    const watch = this.watches.all[retry.handle];
    if (retry.kind !== 'IO' || watch === undefined) return;
    watch.edge = retry.reason;
    watch.value = new DataView(retry.payload.buffer).getFloat64(0, true);
  }

  #created(): void {
    if (this.#exitCode !== undefined) {
      this.#end(this.#configuration.kind === 'reactive' ? 'IDLE' : 'TERMINATED');
      return;
    }
    this.#tell();
    const collected = this.#call('collect');
    if ('trap' in collected) this.#failed(this.#report(collected.trap, 'START'), undefined);
    else {
      this.phase = 'SUSPENDED';
      this.#changed();
    }
  }

  /** A reactive atom's first event; it stays where it waits until the instance is there. */
  #createFor(event: CurrentEvent): boolean {
    const trap = this.#create();
    if (trap !== undefined) this.#failed(this.#report(trap, 'START'), undefined);
    else if (this.phase === 'SUSPENDED') this.#handle(event);
    return true;
  }

  #restart(): boolean {
    this.#restartAt = undefined;
    this.#state.add('restarts');
    const trap = this.#create();
    if (trap !== undefined) this.#failed(this.#report(trap, 'START'), undefined);
    return true;
  }

  /** The instance is lost in the middle of an event, or between two. */
  #failed(report: TrapReport, event: CurrentEvent | undefined): void {
    this.#tell();
    this.phase = 'ERROR';
    this.#guest = undefined;
    const restartAt = this.#recovery.failed(this.node.now());
    if (event !== undefined) this.#offerAgain(event, restartAt !== undefined, report);
    if (restartAt === undefined) {
      this.#end('ERROR');
      return;
    }
    this.timers = new Timers(0);
    this.watches = new Watches(0);
    this.#inbox.release();
    this.#restartAt = restartAt;
    this.wakeAt = 0;
    this.#changed();
  }

  /** The event that was handled is offered again once, unless it was answered or the atom is not started again. */
  #offerAgain(event: CurrentEvent, restarts: boolean, report: TrapReport): void {
    const { message, signal } = event;
    const answered = message !== undefined && message.cell.state >= requestState.answered;
    if (answered) this.#finish(message);
    else if (message !== undefined) this.#offerMessage(message, restarts, report);
    else if (signal !== undefined && restarts && !signal.retried) this.#retry = event;
    else this.#state.add('dropped');
  }

  #offerMessage(message: Message, restarts: boolean, report: TrapReport): void {
    const { cell, request } = message;
    cell.failures += 1;
    const again = restarts && cell.failures < mostOffers;
    if (!again) this.#refuseMessage(message, 'ATOM_FAILED', { name: this.name, detail: report.kind });
    else if (!this.#open.keep(request.ticket, cell)) this.#dropMessage(message);
  }

  /** The atom gives its memory back (or is idle); nothing waits any more. */
  #end(phase: 'ERROR' | 'TERMINATED' | 'IDLE'): void {
    this.#tell();
    this.#state.set('alive', phase === 'IDLE' ? 1 : 0);
    this.phase = phase;
    this.#guest = undefined;
    this.#restartAt = undefined;
    this.#retry = undefined;
    this.#state.set('memoryUsed', 0);
    for (const message of [...this.#inbox.messages])
      this.#refuseMessage(message, 'NOT_RUNNING', this.#notRunning());
    for (const ticket of this.#open.tickets()) {
      const cell = this.#state.request(ticket);
      this.#open.refuse(ticket, cell, 'NOT_RUNNING', this.#notRunning());
      cell.step([requestState.answered], requestState.free);
    }
    const waiting = [...this.timers.all, ...this.watches.all].filter(({ signal }) => signal.waiting);
    this.#state.add('dropped', waiting.length);
    this.timers = new Timers(0);
    this.watches = new Watches(0);
    this.#changed(this.#exitCode);
    this.#exitCode = undefined;
  }

  #notRunning(): { name: string; phase: string } {
    return { name: this.name, phase: this.phase };
  }

  #changed(exitCode?: number): void {
    this.node.emit({ kind: 'changed', index: this.index, ...(exitCode === undefined ? {} : { exitCode }) });
  }

  /** The observers of what was published hear of it now. */
  #tell(): void {
    if (this.#told) this.node.emit({ kind: 'ended', index: this.index });
    this.#told = false;
  }

  #report(trap: Trap, event: string): TrapReport {
    const { shared } = this.node;
    shared.add('traps');
    if (trap.kind === 'DEADLINE') shared.add('deadlines');
    const report: TrapReport = { ...trap, event };
    this.node.emit({ kind: 'failed', index: this.index, trap: report, at: this.node.now() });
    return report;
  }

  // ---- Messages ----

  /** A message that was handled leaves the inbox. */
  #finish(message: Message): void {
    this.#state.add('done');
    this.#remove(message);
  }

  #dropMessage(message: Message): void {
    this.#state.add('dropped');
    this.#remove(message);
  }

  #refuseMessage(message: Message, error: ErrorName, details: ErrorDetails): void {
    this.#open.refuse(message.request.ticket, message.cell, error, details);
    this.#dropMessage(message);
  }

  #remove(message: Message): void {
    if (this.#inbox.remove(message)) this.node.emit({ kind: 'room', index: this.index });
  }

  #place(): number {
    this.#nextPlace += 1;
    return this.#nextPlace;
  }

  #nextEventId(): number {
    return this.#state.add('lastEventId') + 1;
  }

  // ---- Functions of the runtime interface ----

  range(address: number, length: number): Uint8Array {
    const memory = this.#guest?.memory;
    const start = address >>> 0;
    const size = length >>> 0;
    if (memory === undefined) throw new GuestTrap('MEMORY', 'no memory');
    this.#checkClock();
    if (size > 0 && start + size > memory.length) {
      throw new GuestTrap('MEMORY', `bytes ${start} to ${start + size} of ${memory.length}`);
    }
    return memory.subarray(start, start + size);
  }

  /** Time in runtime functions costs no fuel, so the clock is looked at every few calls. */
  #checkClock(): void {
    this.#ranges = (this.#ranges + 1) % rangesPerLook;
    if (this.#ranges === 0 && this.node.now() > this.#wallEnd) {
      throw new GuestTrap('DEADLINE', 'ran far longer than its deadline by the clock');
    }
  }

  reply(event: number, code: number, format: number, payload: Uint8Array): number {
    const current = this.event?.kind === 'REQUEST' ? this.event.id : undefined;
    const id = event === 0 ? current : event;
    const ticket = id === undefined ? undefined : this.#open.find(id);
    if (ticket === undefined) return abiError.E_STATE;
    if (!isResponseCode(code) || format < -1 || format > 0xffff) return abiError.E_ARG;
    if (payload.length > this.#configuration.limits.body) return abiError.E_TOO_BIG;
    const result = this.#open.answer(ticket, code, format, payload);
    const handled = ticket === this.event?.message?.request.ticket;
    if (result === 0 && !handled) this.#state.request(ticket).state = requestState.free;
    return result;
  }

  publish(path: string, format: number, payload: Uint8Array, maxAgeS: number): number {
    if (format < 0 || format > 0xffff || maxAgeS < 0) return abiError.E_ARG;
    if (!this.#declares(path)) return abiError.E_NOT_FOUND;
    const now = this.node.now();
    const expires = maxAgeS === 0 ? Number.POSITIVE_INFINITY : now + maxAgeS * 1000;
    const publication = { path, format, size: payload.length, expires };
    const result = this.#publications.put(publication, now);
    if (result !== 0) return result;
    this.node.emit({ kind: 'publish', index: this.index, publication, payload: payload.slice() });
    this.#told = true;
    return 0;
  }

  notify(path: string): number {
    if (!this.#declares(path)) return abiError.E_NOT_FOUND;
    this.node.emit({ kind: 'notify', index: this.index, path });
    this.#told = true;
    return 0;
  }

  #declares(path: string): boolean {
    return this.#configuration.resources?.some((resource) => resource.path === path) === true;
  }

  channel(handle: number): number {
    const channel = this.#channels[handle];
    if (channel === undefined) return abiError.E_ARG;
    return channel < 0 ? abiError.E_NOT_FOUND : channel;
  }

  open(name: string): number {
    const handle = this.#configuration.io?.indexOf(name) ?? -1;
    if (handle < 0) return abiError.E_DENIED;
    const channel = this.channel(handle);
    return channel < 0 ? channel : handle;
  }

  exit(code: number): void {
    this.#exitCode = code;
  }

  log(level: number, line: Uint8Array): number {
    if (level < 0 || level > 3) return abiError.E_ARG;
    this.node.emit({ kind: 'log', level, source: this.name, line: logLine(line) });
    return 0;
  }

  storageChanged(): void {
    this.#state.set('storageUsed', this.node.kv.used(this.name));
  }
}

function requestEvent(message: Message, id: number): CurrentEvent {
  const { method, format, accept, path, query, payload } = message.request;
  return { ...plainEvent('REQUEST', id), method, format, accept, path, query, payload, message };
}

function placeOf(event: CurrentEvent | undefined): number {
  return event?.message?.place ?? event?.signal?.place ?? Number.POSITIVE_INFINITY;
}

/** The waiting signal with the lowest place that may run. */
function lowest<T extends { readonly signal: Signal }>(sources: readonly T[], now: number): T | undefined {
  let found: T | undefined;
  for (const source of sources) {
    if (source.signal.mayRun(now) && (found === undefined || source.signal.place < found.signal.place))
      found = source;
  }
  return found;
}

/** Kept with LATER: waits again, at its place. */
function hold(signal: Signal, event: CurrentEvent, now: number): void {
  signal.waiting = true;
  signal.id = event.id;
  signal.heldUntil = now + heldMs;
}

/** 2.xx (0x40–0x5E), 4.xx (0x80–0x9F) or 5.xx (0xA0–0xBF). */
function isResponseCode(code: number): boolean {
  return (code >= 0x40 && code <= 0x5e) || (code >= 0x80 && code <= 0xbf);
}

const methodNames = ['', 'GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'];

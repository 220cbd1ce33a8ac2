import type { ErrorDetails } from '../../problem/index.ts';
import { type ErrorName, eventKind, handlerResult, method } from '../../tables/index.ts';
import type { Aftermath, AtomStart, RequestEvent, StopReason, TrapReport } from '../messages.ts';
import { type AtomCell, type AtomState, requestState, type ShownPhase, shownPhase, shownPhaseOf } from '../shared-state.ts';
import { type CurrentEvent, type HandledKind, handlerOf, plainEvent } from './current-event.ts';
import { EventQueue, requestEvent } from './event-queue.ts';
import { Guest, type GuestCode, type GuestExport, type Outcome, type Trap } from './guest.ts';
import { createHostFunctions } from './host-functions.ts';
import { Inbox, type Message } from './inbox.ts';
import { type AtomParts, InstanceCaller } from './instance-caller.ts';
import { OpenRequests } from './open-requests.ts';
import { Publications } from './publications.ts';
import { Recovery } from './recovery.ts';
import type { Surroundings } from './surroundings.ts';
import { trapSentence } from './trap-report.ts';

/** An event that failed this often is dropped. */
const mostOffers = 2;

/** One atom on the activation level: its instance, what it does with events, what follows a failure. */
export class Atom {
  /** When a turn may find something to do; 0 right away. */
  wakeAt = 0;
  readonly #start: AtomStart;
  readonly #code: GuestCode;
  readonly #node: Surroundings;
  readonly #state: AtomState;
  readonly #parts: AtomParts;
  readonly #queue: EventQueue;
  readonly #open: OpenRequests;
  readonly #recovery: Recovery;
  #caller: InstanceCaller;
  #phase: ShownPhase;
  /** It holds memory, or is a reactive one that may: events are taken. */
  #isAlive: boolean;
  #guest: Guest | undefined;
  /** When the instance is created again after a failure. */
  #restartAt: number | undefined;
  /** A timer or I/O event that is offered again to the next instance. */
  #retry: CurrentEvent | undefined;

  /** `aftermath`: it ran in another worker before. */
  constructor(start: AtomStart, code: GuestCode, node: Surroundings, aftermath?: Aftermath) {
    const { limits, recovery, io = [] } = start.configuration;
    const state = node.shared.atom(start.index);
    const channels = io.map((name) => node.channels.find(name));
    this.#start = start;
    this.#code = code;
    this.#node = node;
    this.#state = state;
    this.#queue = new EventQueue(new Inbox(state, (write) => node.later(write)), limits.timers, channels.length);
    this.#open = new OpenRequests(start.index, limits.pending, (effect) => node.emit(effect));
    this.#recovery = new Recovery(recovery, aftermath?.failures);
    const publications = new Publications(limits.publish, aftermath?.publications);
    this.#parts = { start, node, state, queue: this.#queue, open: this.#open, publications, channels };
    this.#caller = new InstanceCaller(this.#parts);
    this.#phase = shownPhaseOf(state);
    this.#isAlive = state.get('alive') === 1;
    this.#show('storageUsed', node.kv.used(start.name));
  }

  /** Others see a phase with what the turn told; that something runs they see at once. */
  #setPhase(phase: ShownPhase): void {
    this.#phase = phase;
    if (phase === 'RUNNING' || phase === 'CREATED') this.#state.set('phase', shownPhase[phase]);
    else this.#show('phase', shownPhase[phase]);
  }

  #setAlive(isAlive: boolean): void {
    this.#isAlive = isAlive;
    this.#show('alive', isAlive ? 1 : 0);
  }

  #show(cell: AtomCell, value: number): void {
    this.#node.later(() => this.#state.set(cell, value));
  }

  #count(cell: AtomCell, amount = 1): void {
    this.#node.later(() => this.#state.add(cell, amount));
  }

  get #isReactive(): boolean {
    return this.#start.configuration.kind === 'reactive';
  }

  // ---- Commands ----

  /** Starts it as its kind asks; with `trial` a failure is final. Answers why it failed. */
  start(trial: boolean): TrapReport | undefined {
    this.#setAlive(true);
    if (this.#isReactive) {
      this.#setPhase('IDLE');
      this.#changed();
      return undefined;
    }
    const trap = this.#create();
    if (trap === undefined) return undefined;
    const report = this.#report(trap, 'START');
    if (trial) this.#end('ERROR');
    else this.#failed(report);
    return report;
  }

  /** Goes on after the worker it ran in has ended: its instance, if it had one, has failed. */
  adopt({ requests, stuckIn }: Aftermath): void {
    const events = requests.map((request) => this.#adoptRequest(request));
    const handled = events.find((event) => event !== undefined);
    if (!this.#isAlive || this.#phase === 'IDLE') return;
    if (this.#phase === 'ERROR') this.#restartAt = this.#node.now();
    else this.#failed(this.#reportLoss(stuckIn), handled);
  }

  /** Takes a request over; answers its event when it was being handled. */
  #adoptRequest(request: RequestEvent): CurrentEvent | undefined {
    const cell = this.#state.request(request.ticket);
    const { state } = cell;
    if (state === requestState.open) this.#open.adopt(request.ticket, cell);
    const waits = state !== requestState.free && state < requestState.open;
    const message = waits ? this.#queue.receive(request) : undefined;
    return message !== undefined && state === requestState.handling ? requestEvent(message) : undefined;
  }

  #reportLoss(stuckIn: string | undefined): TrapReport {
    return stuckIn === undefined
      ? this.#report({ kind: 'ABORT' }, 'START')
      : this.#report({ kind: 'DEADLINE' }, stuckIn);
  }

  stop(reason: StopReason): void {
    if (this.#guest?.has('on_stop') === true) {
      const outcome = this.#activate(this.#guest, { ...plainEvent('STOP', this.#nextEventId()), reason });
      if ('trap' in outcome) this.#report(outcome.trap, 'STOP');
    }
    this.#caller.exitCode = undefined;
    this.#end('TERMINATED', 'STOPPED');
  }

  receive(request: RequestEvent): void {
    this.wakeAt = 0;
    const message = this.#queue.receive(request);
    if (!this.#isAlive) this.#refuse(message, 'NOT_RUNNING', this.#notRunning(this.#phase));
  }

  /** The node answered a request itself. */
  expired(ticket: number): void {
    this.wakeAt = 0;
    this.#open.forget(ticket);
    const message = this.#queue.inbox.find(ticket);
    if (message !== undefined) message.given = true;
    if (message === undefined) this.#free(ticket);
    else if (message !== this.#caller.event?.message) this.#drop(message);
  }

  /** A channel has a new reading. */
  reading(channel: number, before: number, value: number): void {
    this.#parts.channels.forEach((own, handle) => {
      if (own === channel && this.#queue.reading(handle, before, value)) this.wakeAt = 0;
    });
  }

  /** It has not had its turn for a reading yet. */
  owesReading(now: number): boolean {
    return this.#phase === 'SUSPENDED' && this.#queue.owesReading(now);
  }

  // ---- Turns ----

  /** Handles at most one event; false when nothing may run now, then `wakeAt` tells when to look again. */
  turn(now: number): boolean {
    if (this.#restartAt !== undefined) return this.#restart(now, this.#restartAt);
    const event = this.#isAlive ? this.#queue.choose(now, this.#open.room) : undefined;
    if (event === undefined) {
      this.wakeAt = this.#isAlive ? this.#queue.nextWake(now) : Number.POSITIVE_INFINITY;
      return false;
    }
    this.#handle(event);
    return true;
  }

  #restart(now: number, restartAt: number): boolean {
    this.wakeAt = restartAt;
    if (restartAt > now) return false;
    this.#restartAt = undefined;
    this.#count('restarts');
    this.#createOrFail();
    return true;
  }

  /** Offers an event to the instance, which a reactive atom may have to get first. */
  #handle(chosen: CurrentEvent): void {
    if (this.#guest === undefined) this.#createOrFail();
    if (this.#guest === undefined) return;
    if (!this.#guest.has(handlerOf[chosen.kind as HandledKind])) {
      this.#discard(chosen);
      return;
    }
    const event = chosen.id === 0 ? { ...chosen, id: this.#nextEventId() } : chosen;
    if (!this.#take(event)) return;
    const outcome = this.#activate(this.#guest, event);
    if ('trap' in outcome) this.#failed(this.#report(outcome.trap, event.kind), event);
    else this.#completed(this.#guest, event, outcome.result);
  }

  /** Takes an event from where it waited; false when the node gave it up meanwhile. */
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

  /** No function handles this kind of event. */
  #discard({ message, signal, method: code, path }: CurrentEvent): void {
    signal?.forget();
    if (message === undefined) this.#count('dropped');
    else if (code === method.GET) this.#refuse(message, 'NO_ANSWER_FROM_ATOM', { name: this.#start.name });
    else this.#refuse(message, 'METHOD_NOT_ALLOWED', { name: `/a/${this.#start.name}/${path}`, method: methodNames[code] ?? '' });
  }

  /** One call of a handler. */
  #activate(guest: Guest, event: CurrentEvent): Outcome {
    const handler = handlerOf[event.kind as HandledKind];
    if (event.kind !== 'START') this.#setPhase('RUNNING');
    this.#count('activations');
    this.#caller.event = event;
    const outcome = this.#call(guest, handler);
    this.#caller.event = undefined;
    this.#show('ready', 0);
    return outcome;
  }

  /** Calls an export, visible to whoever watches over the worker. */
  #call(guest: Guest, name: GuestExport): Outcome {
    const { shared, wallFactor } = this.#node;
    const { deadlineMs } = this.#start.configuration.limits;
    const now = this.#node.now();
    this.#caller.wallEnd = now + deadlineMs * wallFactor;
    shared.set('event', eventKind[this.#caller.event?.kind ?? 'START']);
    shared.set('deadlineMs', deadlineMs);
    shared.activationStart = now;
    shared.set('running', this.#start.index + 1);
    const outcome = guest.call(name);
    shared.set('running', 0);
    return outcome;
  }

  /** An activation ended well: its event is settled, what it published is told, garbage is collected. */
  #completed(guest: Guest, event: CurrentEvent, result: number): void {
    const isEnd = this.#caller.exitCode !== undefined;
    if (event.kind !== 'START') {
      this.#setPhase('COMPLETED');
      this.#settle(event, isEnd && result === handlerResult.LATER ? handlerResult.DONE : result);
    }
    if (isEnd) {
      this.#exited();
      return;
    }
    this.#tell();
    const outcome = this.#call(guest, 'collect');
    if ('trap' in outcome) this.#failed(this.#report(outcome.trap, event.kind));
    else this.#setPhase('SUSPENDED');
  }

  /** What becomes of an event that was handled. */
  #settle(event: CurrentEvent, result: number): void {
    const { message, signal } = event;
    const later = result === handlerResult.LATER;
    if (message !== undefined) this.#settleMessage(message, result);
    else if (later && signal !== undefined) this.#queue.holdSignal(signal, event, this.#node.now());
    else this.#count(result === handlerResult.REJECT ? 'dropped' : 'done');
    this.#queue.release(later ? event : undefined);
  }

  #settleMessage(message: Message, result: number): void {
    const { cell, request } = message;
    if (result === handlerResult.REJECT && cell.state === requestState.handling) {
      this.#refuse(message, 'REJECTED', { name: this.#start.name });
    } else if (result === handlerResult.LATER && cell.state !== requestState.answered) {
      this.#keep(message);
    } else {
      if (!cell.step([requestState.handling], requestState.open)) this.#open.forget(request.ticket);
      this.#finish(message);
    }
  }

  /** Answered with LATER. A request that the node gave up meanwhile is dropped. */
  #keep(message: Message): void {
    const now = this.#node.now();
    const { cell, request } = message;
    this.#queue.holdMessage(message, now);
    if (!this.#open.keep(request.ticket, cell)) this.#drop(message);
    else if (now >= request.waitUntil) this.#refuse(message, 'NO_ANSWER_FROM_ATOM', { name: this.#start.name });
  }

  // ---- Instances ----

  #createOrFail(): void {
    const trap = this.#create();
    if (trap !== undefined) this.#failed(this.#report(trap, 'START'));
  }

  /** A fresh instance: memory, `_initialize`, `on_start`. */
  #create(): Trap | undefined {
    this.#setPhase('CREATED');
    this.#caller = new InstanceCaller(this.#parts);
    this.#queue.open(this.#retry);
    this.#retry = undefined;
    const guest = this.#instantiate();
    if (!(guest instanceof Guest)) return guest;
    const initialised = this.#call(guest, '_initialize');
    if ('trap' in initialised) return initialised.trap;
    const event = plainEvent('START', this.#nextEventId());
    const started = this.#activate(guest, event);
    if ('trap' in started) return started.trap;
    this.#completed(guest, event, handlerResult.DONE);
    this.#changed();
    return undefined;
  }

  #instantiate(): Guest | Trap {
    const { limits } = this.#start.configuration;
    try {
      const guest = new Guest(this.#code, createHostFunctions(this.#caller), limits);
      this.#caller.memory = guest.memory;
      this.#show('memoryUsed', guest.memory.length);
      this.#guest = guest;
      return guest;
    } catch {
      return { kind: 'MEMORY' };
    }
  }

  /** The instance is lost in the middle of an event, or between two. */
  #failed(report: TrapReport, event?: CurrentEvent): void {
    this.#tell();
    this.#lose('ERROR');
    this.#caller.exitCode = undefined;
    this.#restartAt = this.#recovery.failed(this.#node.now());
    const restarts = this.#restartAt !== undefined;
    if (event !== undefined) this.#offerAgain(event, restarts, report);
    if (!restarts) {
      this.#end('ERROR');
      return;
    }
    this.#queue.close();
    this.wakeAt = 0;
    this.#changed();
  }

  /** The event that was handled is offered again once, unless it was answered or nobody is left to handle it. */
  #offerAgain(event: CurrentEvent, restarts: boolean, report: TrapReport): void {
    const { message, signal } = event;
    if (message !== undefined) this.#offerMessage(message, restarts, report);
    else if (signal !== undefined && restarts && !signal.retried) this.#retry = event;
    else this.#count('dropped');
  }

  #offerMessage(message: Message, restarts: boolean, report: TrapReport): void {
    const { cell, request } = message;
    cell.failures += 1;
    const again = restarts && cell.failures < mostOffers;
    if (cell.state === requestState.answered) this.#finish(message);
    else if (!again) this.#refuse(message, 'ATOM_FAILED', { name: this.#start.name, detail: report.kind });
    else if (!this.#open.keep(request.ticket, cell)) this.#drop(message);
  }

  /** The instance called exit. A reactive atom waits for the next event, or has it in its inbox already. */
  #exited(): void {
    if (!this.#isReactive) {
      this.#end('TERMINATED');
      return;
    }
    this.#tell();
    this.#lose('IDLE');
    this.#refuseOpen(this.#notRunning('IDLE'));
    this.#queue.close();
    this.#changed(this.#caller.exitCode);
  }

  /** The atom gives its memory back; nothing waits any more. `shown`: how the node calls this phase. */
  #end(phase: 'ERROR' | 'TERMINATED', shown: string = phase): void {
    this.#tell();
    this.#lose(phase);
    this.#setAlive(false);
    this.#restartAt = undefined;
    this.#retry = undefined;
    const details = this.#notRunning(shown);
    for (const message of [...this.#queue.inbox.messages]) this.#refuse(message, 'NOT_RUNNING', details);
    this.#refuseOpen(details);
    this.#count('dropped', this.#queue.close());
    this.#changed(this.#caller.exitCode);
  }

  #lose(phase: ShownPhase): void {
    this.#setPhase(phase);
    this.#guest = undefined;
    this.#show('memoryUsed', 0);
  }

  /** Requests that were handled and not answered. */
  #refuseOpen(details: ErrorDetails): void {
    for (const ticket of this.#open.tickets()) {
      const cell = this.#state.request(ticket);
      this.#open.refuse(ticket, cell, 'NOT_RUNNING', details);
      if (cell.state === requestState.answered) this.#free(ticket);
    }
  }

  // ---- Words to the network level ----

  #notRunning(phase: string): ErrorDetails {
    return { name: this.#start.name, phase };
  }

  #changed(exitCode?: number): void {
    const { index } = this.#start;
    this.#node.emit({ kind: 'changed', index, ...(exitCode === undefined ? {} : { exitCode }) });
  }

  /** The observers of what was published hear of it now. */
  #tell(): void {
    if (this.#caller.told) this.#node.emit({ kind: 'ended', index: this.#start.index });
    this.#caller.told = false;
  }

  #report(trap: Trap, event: string): TrapReport {
    const { shared } = this.#node;
    shared.add('traps');
    if (trap.kind === 'DEADLINE') shared.add('deadlines');
    const report: TrapReport = { ...trap, event, reason: trapSentence[trap.kind] };
    this.#node.emit({ kind: 'failed', index: this.#start.index, trap: report, at: this.#node.now() });
    return report;
  }

  // ---- Messages ----

  /** A message that was handled leaves the inbox. */
  #finish(message: Message): void {
    this.#count('done');
    this.#remove(message);
  }

  #drop(message: Message): void {
    this.#count('dropped');
    this.#remove(message);
  }

  #refuse(message: Message, error: ErrorName, details: ErrorDetails): void {
    this.#open.refuse(message.request.ticket, message.cell, error, details);
    this.#drop(message);
  }

  #remove(message: Message): void {
    if (this.#queue.inbox.remove(message)) this.#node.emit({ kind: 'room', index: this.#start.index });
  }

  /** The cell of a request that nobody holds any more may be used again. */
  #free(ticket: number): void {
    const cell = this.#state.request(ticket);
    this.#node.later(() => {
      cell.state = requestState.free;
    });
  }

  #nextEventId(): number {
    return this.#state.add('lastEventId') + 1;
  }
}

const methodNames = ['', 'GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'];

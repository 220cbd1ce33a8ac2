import type { ErrorDetails } from '../../problem/index.ts';
import type { Snapshot } from '../../snapshot/index.ts';
import { abiError, eventKind, handlerResult, trap as trapNumber } from '../../tables/index.ts';
import type { Letter, LetterCell } from '../letter-cell.ts';
import type {
  Aftermath,
  AtomStart,
  Capture,
  OwnResponse,
  RequestEvent,
  StopReason,
  TrapReport,
} from '../messages.ts';
import { stopReason } from '../messages.ts';
import { type AtomState, type ShownPhase, shownPhase, shownPhaseOf } from '../shared-state.ts';
import { takeOver } from './adoption.ts';
import { allowList } from './allow-list.ts';
import { type CurrentEvent, createEvent } from './current-event.ts';
import { type Chosen, EventQueue } from './event-queue.ts';
import type { GuestCode } from './guest.ts';
import { Inbox, type LetterEntry, letterBytesOf, letterEntry, requestEntry } from './inbox.ts';
import { Instance } from './instance.ts';
import type { AtomParts } from './instance-caller.ts';
import { InstanceTable } from './instance-table.ts';
import { Lifecycle } from './lifecycle.ts';
import type { LetterParts, MessageExchange } from './message-exchange.ts';
import { OpenRequests } from './open-requests.ts';
import { OwnRequests } from './own-requests.ts';
import { Assignment, type NewInstance } from './policy.ts';
import { Publications } from './publications.ts';
import { Settlement } from './settlement.ts';
import { captureInstance } from './snapshot-capture.ts';
import { restoreCode, restoreInstance } from './snapshot-restoration.ts';
import type { Surroundings } from './surroundings.ts';
import { trapSentence } from './trap-report.ts';

/** One atom on the activation level: its inbox, its instances, what follows a failure. */
export class Atom {
  readonly name: string;
  /** When a turn may find something to do; 0 right away. */
  wakeAt = 0;
  readonly #start: AtomStart;
  readonly #node: Surroundings;
  readonly #state: AtomState;
  readonly #parts: AtomParts;
  readonly #assignment: Assignment;
  readonly #instances: InstanceTable;
  readonly #queue: EventQueue;
  readonly #settlement: Settlement;
  readonly #letters: readonly LetterCell[];
  readonly #lifecycle: Lifecycle;
  #lastPlace = 0;

  /** `aftermath`: it ran in another worker before. */
  constructor(
    start: AtomStart,
    code: GuestCode,
    node: Surroundings,
    exchange: MessageExchange,
    aftermath?: Aftermath,
  ) {
    const { limits, io = [], send, request } = start.configuration;
    const state = node.shared.atom(start.index);
    const own = new OwnRequests();
    this.name = start.name;
    this.#start = start;
    this.#node = node;
    this.#state = state;
    this.#letters = node.shared.letters(start.index);
    this.#parts = {
      start,
      code,
      node,
      exchange,
      state,
      inbox: new Inbox(state, (write) => node.later(write)),
      open: new OpenRequests(start.index, limits.pending, own, (effect) => node.emit(effect)),
      own,
      publications: new Publications(limits.publish, aftermath?.publications),
      channels: io.map((name) => node.channels.find(name)),
      maySend: allowList(send),
      mayRequest: allowList(request),
      nextPlace: () => this.#nextPlace(),
      nextEventId: () => state.add('lastEventId') + 1,
    };
    this.#assignment = new Assignment(start.configuration);
    this.#instances = new InstanceTable(this.#parts, this.#assignment.mostInstances);
    this.#queue = new EventQueue(this.#parts, this.#instances, this.#assignment);
    this.#settlement = new Settlement(this.#parts, this.#queue, this.#instances, this.#assignment);
    this.#lifecycle = new Lifecycle(this.#parts, this.#instances, this.#assignment, this.#settlement);
    node.later(() => state.set('storageUsed', node.kv.used(start.name)));
  }

  get #isReactive(): boolean {
    return this.#start.configuration.kind === 'reactive';
  }

  // ---- What others see ----

  /** One of its instances took long in its last activation: what others did is told before it runs again. */
  get isSlow(): boolean {
    return this.#instances.all.some(({ lastCallMs }) => lastCallMs > slowMs);
  }

  get index(): number {
    return this.#start.index;
  }

  get takesEvents(): boolean {
    return this.#lifecycle.isAlive;
  }

  get phase(): ShownPhase {
    return shownPhaseOf(this.#state);
  }

  get inboxBytes(): number {
    return this.#start.configuration.limits.inbox.bytes;
  }

  /** Number of the instance of this name, undefined for the name of the atom itself. */
  numberOf(instanceName: string): number | undefined {
    return instanceName === this.name ? undefined : Number(instanceName.slice(this.name.length + 1));
  }

  instanceNames(): string[] {
    return this.#instances.all.map(({ name }) => name);
  }

  /** Aliases with this atom or one of its instances as a member. */
  aliases(): string[] {
    const joined = this.#instances.all.flatMap(({ aliases }) => [...aliases]);
    return [...(this.#start.configuration.aliases ?? []), ...joined];
  }

  isConfiguredMember(alias: string): boolean {
    return this.#start.configuration.aliases?.includes(alias) === true;
  }

  /** Numbers of the instances that joined an alias. */
  joinedMembers(alias: string): number[] {
    const members = this.#instances.all.filter(({ aliases }) => aliases.has(alias));
    return members.map(({ number }) => number);
  }

  /** What became of a message is for the start that sent it. */
  hearsOf(message: number): boolean {
    return this.takesEvents && message > this.#state.get('earlierMessages');
  }

  countUndelivered(): void {
    this.#node.later(() => this.#state.add('undelivered'));
  }

  // ---- Commands ----

  /** Starts it as its kind asks; with `trial` a failure is final. Answers why it failed. */
  start(trial: boolean): TrapReport | undefined {
    this.#lifecycle.setAlive(true);
    if (this.#isReactive) {
      this.#lifecycle.showPhase('IDLE');
      this.#lifecycle.changed();
      return undefined;
    }
    const instance = this.#instances.add({ number: 0, round: -1, spawned: false });
    const trap = this.#lifecycle.create(instance);
    if (trap === undefined) return undefined;
    const report = this.#lifecycle.report(instance, trap, 'START');
    if (trial) this.#lifecycle.end('ERROR');
    else this.#lifecycle.failed(instance, report);
    return report;
  }

  /** Goes on after the worker it ran in has ended: only the instance that held it has failed, the others are made again. */
  adopt(aftermath: Aftermath): void {
    const { open, inbox } = this.#parts;
    this.#instances.adopt(aftermath);
    const entries = takeOver(this.#state, this.#letters, aftermath.requests, this.#node.now());
    open.adopt(aftermath.requests.map(({ ticket }) => ticket), this.#state);
    for (const entry of entries) inbox.append(entry);
    this.#lastPlace = entries.at(-1)?.place ?? 0;
    if (!this.#lifecycle.isAlive) return;
    const { stuckIn } = aftermath;
    for (const instance of [...this.#instances.all]) {
      if (instance.number === stuckIn?.instance) this.#heldWorker(instance, stuckIn.event);
      else this.#lifecycle.lostMemory(instance);
    }
  }

  #heldWorker(instance: Instance, event: string): void {
    const report = this.#lifecycle.report(instance, { kind: 'DEADLINE' }, event);
    this.#lifecycle.failed(instance, report, this.#queue.handledBy(instance.number));
  }

  /** Without a reason, and of a frozen instance, `on_stop` does not run. */
  stop(reason?: StopReason): void {
    if (reason !== undefined && this.#instances.frozen === undefined) {
      for (const instance of this.#instances.all) this.#lifecycle.stopInstance(instance, reason);
    }
    this.#lifecycle.end('TERMINATED', 'STOPPED');
  }

  // ---- Snapshot ----

  freeze(): void {
    const [instance, second] = this.#instances.all;
    const isAlone = instance?.isBase === true && second === undefined && this.#instances.starting === 0;
    if (!isAlone || instance.phase !== 'SUSPENDED') return;
    instance.frozenAt = this.#node.now();
    this.#lifecycle.takenPlace = 0;
    this.#instances.setPhase(instance, 'FROZEN');
    this.#lifecycle.changed();
  }

  thaw(): void {
    const instance = this.#instances.frozen;
    if (instance === undefined) return;
    instance.thaw(this.#node.now());
    this.#instances.setPhase(instance, 'SUSPENDED');
    this.wakeAt = 0;
    this.#lifecycle.changed();
  }

  /** What its frozen instance is; undefined when it has none. */
  capture(): Capture | undefined {
    const instance = this.#instances.frozen;
    if (instance === undefined) return undefined;
    this.#lifecycle.takenPlace = this.#lastPlace;
    return { state: captureInstance(this.#parts, instance), frozenAt: instance.frozenAt };
  }

  /** Makes a frozen instance of a snapshot; `inPlace`: in the frozen one it was taken of. False without memory. */
  restore(snapshot: Snapshot, inPlace: boolean): boolean {
    const before = this.#instances.frozen;
    if (inPlace && before !== undefined) {
      restoreCode(before, snapshot);
      return true;
    }
    const instance = this.#instances.add({ number: 0, round: -1, spawned: false });
    if (instance.instantiate() !== undefined) return false;
    this.#lifecycle.setAlive(true);
    instance.frozenAt = this.#node.now();
    restoreInstance(this.#parts, instance, snapshot, this.#letters);
    this.#node.later(() => this.#state.set('storageUsed', this.#node.kv.used(this.name)));
    if (instance.aliases.size > 0) {
      const membership = { instance: 0, aliases: [...instance.aliases] };
      this.#node.emit({ kind: 'joined', index: this.#start.index, membership });
    }
    this.#instances.setPhase(instance, 'FROZEN');
    this.#lifecycle.showMemory();
    this.#lifecycle.changed();
    return true;
  }

  receive(request: RequestEvent): void {
    this.wakeAt = 0;
    const cell = this.#state.request(request.ticket);
    const entry = requestEntry(request, cell, this.#nextPlace(), this.#node.now());
    if (entry.target === undefined && this.#assignment.countsRounds) entry.round = this.#state.add('rounds');
    this.#parts.inbox.append(entry);
    const { instance } = request;
    if (!this.#lifecycle.isAlive) this.#settlement.refuse(entry, 'NOT_RUNNING', this.#lifecycle.notRunning(this.phase));
    else if (instance !== undefined && !this.#instances.has(instance)) {
      this.#settlement.refuse(entry, 'NO_SUCH_ATOM', { name: `${this.name}~${instance}` });
    }
  }

  /** Puts a message, report or start into the inbox: 0, or why not. */
  accept(parts: LetterParts): number {
    if (!this.#lifecycle.isAlive) return abiError.E_STATE;
    const isStart = parts.kind === eventKind.START;
    if (parts.target >= 0 && !isStart && !this.#instances.has(parts.target)) return abiError.E_NOT_FOUND;
    const { inbox: limits } = this.#start.configuration.limits;
    const bytes = letterBytesOf(parts);
    if (bytes > limits.bytes) return abiError.E_TOO_BIG;
    if (!this.#state.reserve(bytes, limits)) return abiError.E_FULL;
    const letter = { ...parts, waitUntil: this.#node.now() + limits.waitMs };
    const cell = this.#letters.find((free) => free.claim());
    if (cell !== undefined) this.#append(cell, { ...letter, payload: cell.write(letter) });
    return 0;
  }

  /** The network level put a letter into the inbox. */
  receiveLetter(index: number): void {
    const cell = this.#letters[index];
    if (cell?.used !== true || this.#parts.inbox.holds(cell)) return;
    const entry = this.#append(cell, cell.read());
    if (!this.#lifecycle.isAlive) this.#settlement.dropLetter(entry, abiError.E_STATE);
    else if (entry.target !== undefined && !this.#instances.has(entry.target)) {
      this.#settlement.dropLetter(entry, abiError.E_NOT_FOUND);
    }
  }

  #append(cell: LetterCell, letter: Letter): LetterEntry {
    const entry = letterEntry(letter, cell, this.#nextPlace(), this.#node.now());
    const isRound = entry.kind === 'MESSAGE' && entry.target === undefined && this.#assignment.countsRounds;
    if (isRound) entry.round = this.#state.add('rounds');
    this.#parts.inbox.append(entry);
    this.wakeAt = 0;
    return entry;
  }

  /** `spawn` of the runtime interface: n of the new instance, or why there is none. */
  spawn(spawner: string, args: Uint8Array): number {
    if (!this.#lifecycle.isAlive || !this.#isReactive) return abiError.E_STATE;
    if (!this.#instances.hasRoom) return abiError.E_FULL;
    const target = this.#state.get('lastInstance') + 1;
    const head = { kind: eventKind.START, sender: spawner, payload: args, id: 0, correlation: 0 };
    const result = this.accept({ ...head, unordered: false, reason: 0, handle: 0, target });
    if (result !== 0) return abiError.E_FULL;
    this.#state.set('lastInstance', target);
    return target;
  }

  respond(response: OwnResponse): void {
    if (this.#parts.own.receive(response, this.#parts.nextPlace)) this.wakeAt = 0;
  }

  /** The node answered a request itself. */
  expired(ticket: number): void {
    this.wakeAt = 0;
    this.#parts.open.forget(ticket);
    const entry = this.#parts.inbox.find(ticket);
    if (entry === undefined) {
      this.#settlement.free(ticket);
      return;
    }
    entry.given = true;
    this.#settlement.forget(entry);
  }

  /** A channel has a new reading. */
  reading(channel: number, before: number, value: number): void {
    this.#parts.channels.forEach((own, handle) => {
      if (own !== channel) return;
      for (const instance of this.#instances.all) {
        if (instance.reading(handle, before, value)) this.wakeAt = 0;
      }
    });
  }

  /** One of its instances has not had its turn for a reading yet. */
  owesReading(now: number): boolean {
    return this.#instances.all.some((instance) => instance.owesReading(now));
  }

  // ---- Turns ----

  /** Handles at most one event; false when nothing may run now, then `wakeAt` tells when to look again. */
  turn(now: number): boolean {
    if (!this.#lifecycle.isAlive) {
      this.wakeAt = Number.POSITIVE_INFINITY;
      return false;
    }
    if (this.#restart(now) || this.#expireInstance(now)) return true;
    for (const entry of this.#queue.overdue(now)) this.#settlement.dropLetter(entry, abiError.E_TIMEOUT);
    if (this.#instances.frozen !== undefined) {
      this.wakeAt = this.#parts.inbox.nextWake(now);
      return false;
    }
    const chosen = this.#queue.choose(now);
    if (chosen === undefined) {
      this.wakeAt = this.#queue.nextWake(now);
      return false;
    }
    this.#handle(chosen);
    return true;
  }

  /** Creates an instance again whose back-off has passed. */
  #restart(now: number): boolean {
    const instance = this.#instances.all.find(({ restartAt }) => restartAt !== undefined && restartAt <= now);
    if (instance === undefined) return false;
    instance.restartAt = undefined;
    this.#node.later(() => this.#state.add('restarts'));
    this.#node.emit({ kind: 'restarted', index: this.index });
    this.#lifecycle.createOrFail(instance, this.#queue.startOf(instance));
    if (instance.phase === 'SUSPENDED') this.#node.emit({ kind: 'ended', index: this.index });
    return true;
  }

  /** Ends an instance that its policy needs no longer. */
  #expireInstance(now: number): boolean {
    if (!this.#isReactive) return false;
    for (const instance of this.#instances.all) {
      instance.freeSince = this.#instances.isFree(instance) ? Math.min(instance.freeSince, now) : never;
      if (instance.freeSince === never || !this.#assignment.ends(instance, now)) continue;
      this.#lifecycle.stopInstance(instance, stopReason.expired);
      this.#lifecycle.endInstance(instance);
      this.#lifecycle.changed();
      return true;
    }
    return false;
  }

  /** Offers an event to an instance, which may have to be made first. */
  #handle({ event, taker }: Chosen): void {
    if (taker === undefined) {
      this.#settlement.discard(event);
      return;
    }
    if (taker instanceof Instance) this.#offer(taker, event);
    else this.#offerToNew(taker, event);
  }

  #offerToNew(origin: NewInstance, event: CurrentEvent): void {
    const { entry } = event;
    const spawned = event.kind === 'START';
    const number = spawned ? (entry?.target ?? 0) : origin.isBase ? 0 : this.#state.add('lastInstance') + 1;
    const instance = this.#instances.add({ number, round: origin.round, spawned });
    if (entry !== undefined && entry.rejectedBy.length > 0) entry.renewed = true;
    this.#lifecycle.createOrFail(instance, spawned ? event : undefined);
    if (spawned) return;
    if (instance.phase === 'SUSPENDED') this.#offer(instance, event);
    else if (this.#instances.find(number) !== undefined) this.#assignment.bind(entry, instance);
    else if (this.#lifecycle.isAlive) this.#settlement.failed(event, false, instance, instance.failure);
  }

  #offer(instance: Instance, event: CurrentEvent): void {
    if (!this.#settlement.take(event, instance)) return;
    this.#instances.setPhase(instance, 'RUNNING');
    const outcome = instance.activate(event);
    if ('trap' in outcome) this.#lifecycle.failed(instance, this.#lifecycle.report(instance, outcome.trap, event.kind), event);
    else this.#lifecycle.completed(instance, event, outcome.result);
  }

  #nextPlace(): number {
    this.#lastPlace += 1;
    return this.#lastPlace;
  }
}

/** Milliseconds of an activation that others would notice. */
const slowMs = 0.5;
const never = Number.POSITIVE_INFINITY;

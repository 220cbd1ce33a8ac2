import { randomInt } from 'node:crypto';
import { eventKind } from '../../tables/index.ts';
import type { Failure } from '../messages.ts';
import { phaseName, type ShownPhase, shownPhase } from '../shared-state.ts';
import { type CurrentEvent, createEvent, handlerOf } from './current-event.ts';
import { Guest, type GuestExport, type Outcome, type Trap } from './guest.ts';
import { createHostFunctions } from './host-functions.ts';
import { type AtomParts, InstanceCaller } from './instance-caller.ts';
import { Recovery } from './recovery.ts';
import type { Signal } from './signal.ts';
import { Timers } from './timers.ts';
import type { TrapKind } from './trap-report.ts';
import { Watches } from './watches.ts';

/** How an instance came to be, as shared cell `origin`: its round-robin place, or one of these. */
const origin = { policy: -1, spawn: -2 } as const;

export interface InstanceOrigin {
  /** n of `<atom>~<n>`, 0 for the one that is called like the atom. */
  readonly number: number;
  /** Round-robin place, -1 without. */
  readonly round: number;
  readonly spawned: boolean;
}

/** One instance of an atom: memory, timers, watches, aliases and a phase of its own. It outlives restarts by recovery. */
export class Instance {
  readonly number: number;
  readonly name: string;
  readonly round: number;
  readonly spawned: boolean;
  readonly aliases = new Set<string>();
  timers = new Timers(0);
  watches = new Watches(0);
  caller: InstanceCaller;
  /** When it is created again after a failure. */
  restartAt: number | undefined;
  /** Events that it was given, and those that were done. */
  offered = 0;
  handled = 0;
  /** Since when nothing needs it; Infinity while something does. */
  freeSince = Number.POSITIVE_INFINITY;
  /** How long its last call took; until there was one it may take long. */
  lastCallMs = Number.POSITIVE_INFINITY;
  /** A timer or I/O event that is offered again after the restart. */
  retry: CurrentEvent | undefined;
  /** What `on_recover` hears. */
  failure: TrapKind = 'NONE';
  /** Its number wherever it is, and how often it was restored from a snapshot. */
  actor = randomInt(2 ** 32);
  incarnation = 0;
  /** What `uptime_ms` counts beside the time since the node started. */
  uptimeOffset = 0;
  /** When its time stopped; only while it is FROZEN. */
  frozenAt = 0;
  readonly #parts: AtomParts;
  readonly #slot: number;
  readonly #recovery: Recovery;
  #guest: Guest | undefined;
  #phase: ShownPhase = 'CREATED';
  #activations = 0;

  constructor(
    parts: AtomParts,
    { number, round, spawned }: InstanceOrigin,
    slot: number,
    failures: readonly Failure[] = [],
  ) {
    const { start, state } = parts;
    this.#parts = parts;
    this.#slot = slot;
    this.number = number;
    this.name = number === 0 ? start.name : `${start.name}~${number}`;
    this.round = round;
    this.spawned = spawned;
    const own = failures.filter((failure) => failure.instance === number).map(({ at }) => at);
    this.#recovery = new Recovery(start.configuration, own);
    this.caller = new InstanceCaller(parts, this);
    state.setInstance(slot, 'number', number);
    state.setInstance(slot, 'origin', spawned ? origin.spawn : round);
    state.setInstance(slot, 'activations', 0);
    state.setInstance(slot, 'used', 1);
  }

  /** Goes on with what another worker left in a slot. */
  static adopt(parts: AtomParts, slot: number, failures: readonly Failure[]): Instance {
    const { state } = parts;
    const from = state.instance(slot, 'origin');
    const number = state.instance(slot, 'number');
    const phase = phaseName(state.instance(slot, 'phase'));
    const instance = new Instance(
      parts,
      { number, round: Math.max(from, -1), spawned: from === origin.spawn },
      slot,
      failures,
    );
    instance.#phase = phase;
    return instance;
  }

  /** Called like the atom. */
  get isBase(): boolean {
    return this.number === 0;
  }

  get phase(): ShownPhase {
    return this.#phase;
  }

  get hasMemory(): boolean {
    return this.#guest !== undefined;
  }

  get memoryBytes(): number {
    return this.#guest?.memory.length ?? 0;
  }

  /** That something runs others see at once, other phases with what the turn told. */
  setPhase(phase: ShownPhase): void {
    this.#phase = phase;
    const { state, node } = this.#parts;
    const show = () => state.setInstance(this.#slot, 'phase', shownPhase[phase]);
    if (phase === 'RUNNING' || phase === 'CREATED') show();
    else node.later(show);
  }

  // ---- Life ----

  /** Fresh memory; undefined or why there is none. */
  instantiate(): Trap | undefined {
    const { start, code, channels } = this.#parts;
    const { limits } = start.configuration;
    this.caller = new InstanceCaller(this.#parts, this);
    this.timers = new Timers(limits.timers);
    this.watches = new Watches(channels.length);
    this.#restoreRetry();
    try {
      this.#guest = new Guest(code, createHostFunctions(this.caller), limits);
      this.caller.memory = this.#guest.memory;
      return undefined;
    } catch {
      return { kind: 'MEMORY' };
    }
  }

  /** A signal that failed waits again, at its old place. */
  #restoreRetry(): void {
    const { kind, handle, signal, reason, payload } = this.retry ?? {};
    this.retry = undefined;
    const source = (kind === 'TIMER' ? this.timers : this.watches).all[handle ?? 0];
    if (source === undefined || signal === undefined) return;
    Object.assign(source.signal, signal, { waiting: true, heldUntil: 0, retried: true });
    if ('edge' in source && payload !== undefined) {
      source.edge = reason ?? 0;
      source.value = new DataView(payload.buffer).getFloat64(0, true);
    }
  }

  get memory(): Uint8Array {
    return this.caller.memory;
  }

  globals(): Uint8Array[] {
    return this.#guest?.globals ?? [];
  }

  restoreGlobals(values: readonly Uint8Array[]): void {
    if (this.#guest !== undefined) this.#guest.globals = values;
  }

  /** Its time goes on from where it stopped. */
  thaw(now: number): void {
    const stood = now - this.frozenAt;
    for (const timer of this.timers.all) timer.due += stood;
    this.uptimeOffset -= stood;
  }

  /** Its memory is gone; answers how many events of its own waited. */
  lose(): number {
    this.#guest = undefined;
    let waiting = 0;
    for (const signal of this.signals()) if (signal.waiting) waiting += 1;
    this.timers = new Timers(0);
    this.watches = new Watches(0);
    return waiting;
  }

  /** It failed: when it is created again, or undefined when it is not. */
  failed(kind: TrapKind, now: number): number | undefined {
    this.failure = kind;
    this.restartAt = this.#recovery.failed(now);
    return this.restartAt;
  }

  /** It is no more: its slot may be used again. */
  release(): void {
    const { state, node } = this.#parts;
    node.later(() => state.setInstance(this.#slot, 'used', 0));
  }

  // ---- Activations ----

  has(name: GuestExport): boolean {
    return this.#guest?.has(name) === true;
  }

  /** One call of a handler. */
  activate(event: CurrentEvent): Outcome {
    const { state, node } = this.#parts;
    this.#activations += 1;
    const activations = this.#activations;
    node.later(() => {
      state.add('activations');
      state.setInstance(this.#slot, 'activations', activations);
    });
    this.caller.event = event;
    const outcome = this.call(handlerOf[event.kind]);
    this.caller.event = undefined;
    return outcome;
  }

  /** Calls an export, visible to whoever watches over the worker. */
  call(name: GuestExport): Outcome {
    const { node, start } = this.#parts;
    if (this.#guest === undefined) return { result: 0 };
    const { shared } = node;
    const { deadlineMs } = start.configuration.limits;
    const now = node.now();
    this.caller.wallEnd = now + deadlineMs * node.wallFactor;
    shared.set('event', eventKind[this.caller.event?.kind ?? 'START']);
    shared.set('deadlineMs', deadlineMs);
    shared.set('instance', this.number);
    shared.activationStart = now;
    shared.set('running', start.index + 1);
    const outcome = this.#guest.call(name);
    shared.set('running', 0);
    this.lastCallMs = node.now() - now;
    return outcome;
  }

  // ---- Timers and watches ----

  /** A new reading of a handle's channel; true when it made an event or renewed one. */
  reading(handle: number, before: number, value: number): boolean {
    return this.watches.reading(handle, before, value, this.#parts.nextPlace);
  }

  /** A reading waits for its turn. */
  owesReading(now: number): boolean {
    if (this.#phase !== 'SUSPENDED') return false;
    return this.watches.all.some(({ signal }) => signal.mayRun(now));
  }

  /** The waiting timer, reading or response with the lowest place that may run. */
  chooseSignal(now: number): CurrentEvent | undefined {
    let found: CurrentEvent | undefined;
    let place = Number.POSITIVE_INFINITY;
    for (const { id, signal } of this.timers.all) {
      if (!signal.mayRun(now) || signal.place >= place) continue;
      place = signal.place;
      found = createEvent('TIMER', signal.id, { handle: id, signal });
    }
    for (const { handle, edge: reason, value, signal } of this.watches.all) {
      if (!signal.mayRun(now) || signal.place >= place) continue;
      place = signal.place;
      const payload = new Uint8Array(Float64Array.of(value).buffer);
      found = createEvent('IO', signal.id, { reason, handle, payload, signal });
    }
    return this.#chooseResponse(now, place) ?? found;
  }

  #chooseResponse(now: number, before: number): CurrentEvent | undefined {
    let found: CurrentEvent | undefined;
    let place = before;
    for (const request of this.#parts.own.all()) {
      const { instance, signal, response } = request;
      if (instance !== this.number || response === undefined) continue;
      if (!signal.mayRun(now) || signal.place >= place) continue;
      place = signal.place;
      const { id: correlation, code: method, format, payload, error: reason, more } = response;
      const handle = more ? 1 : 0;
      const parts = { correlation, method, format, payload, reason, handle, signal, request };
      found = createEvent('RESPONSE', signal.id, parts);
    }
    return found;
  }

  /** Signals of its timers, watches and own requests. */
  *signals(): Iterable<Signal> {
    for (const { signal } of this.timers.all) yield signal;
    for (const { signal } of this.watches.all) yield signal;
    for (const { instance, signal } of this.#parts.own.all()) if (instance === this.number) yield signal;
  }
}

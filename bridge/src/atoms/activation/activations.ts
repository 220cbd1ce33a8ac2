import type { Snapshot } from '../../snapshot/index.ts';
import { type CheckedModule, checkModule, type ModuleProblem } from '../../wasm/index.ts';
import {
  type Aftermath,
  type AtomStart,
  type Command,
  type Effect,
  type JobResult,
  type RequestEvent,
  type StopReason,
  stopReason,
  type TrapReport,
} from '../messages.ts';
import { requestState, shownPhase } from '../shared-state.ts';
import { Atom } from './atom.ts';
import { EffectQueue } from './effect-queue.ts';
import { compileGuest } from './guest.ts';
import { requestBytes } from './inbox.ts';
import { MessageExchange } from './message-exchange.ts';
import type { Surroundings } from './surroundings.ts';
import { trapSentence } from './trap-report.ts';

const done: JobResult = { ok: true };

/** What was asked for is not there, or could not be written. */
const lost: JobResult = { ok: false, trap: { kind: 'ABORT', event: 'START', reason: trapSentence.ABORT } };

/**
 * What a turn did is told after this time at the latest, when the turns that follow are short. Somebody waits for an
 * answer: it is told sooner, so that busy atoms do not make those of others late.
 */
const mostSilenceMs = { answers: 0.25, others: 1 } as const;

interface Reading {
  readonly job: number;
  readonly channel: number;
  readonly value: number;
}

/** What atoms see of where they are. */
export type NodePlace = Pick<Surroundings, 'name' | 'hasUpstream'>;

/** What the activation level needs beside `Surroundings.channels`, which it completes. */
export interface ChannelTable {
  readonly names: readonly string[];
  readonly outputs: readonly boolean[];
}

/** The activation level of a node: takes commands, runs atoms in turn, tells effects. Never waits. */
export class Activations {
  readonly #node: Surroundings;
  readonly #tell: (effect: Effect) => void;
  readonly #post: (() => void) | undefined;
  /** Of the last turns, not told yet: short turns are told together, for each telling wakes the network level. */
  readonly #effects = new EffectQueue();
  readonly #writes: (() => void)[] = [];
  readonly #atoms: (Atom | undefined)[] = [];
  readonly #byName = new Map<string, Atom>();
  /** Names of the atoms of this node, with memory or without. */
  readonly #known = new Set<string>();
  readonly #exchange: MessageExchange;
  /** Readings from outside, oldest first. */
  readonly #readings: Reading[] = [];
  /** The reading whose watchers have their turn. */
  #reading: Reading | undefined;
  /** When everything was told last. */
  #toldAt = 0;
  #silenceMs: number = mostSilenceMs.others;
  #next = 0;
  #isClosed = false;

  /** `post` hands over what was emitted; left out, `node.emit` does. */
  constructor(
    node: Omit<Surroundings, 'channels' | 'later' | keyof NodePlace>,
    table: ChannelTable,
    place: NodePlace = { name: 'node', hasUpstream: false },
    post?: () => void,
  ) {
    this.#tell = node.emit;
    this.#post = post;
    this.#node = {
      ...node,
      ...place,
      emit: (effect) => this.#emit(effect),
      later: (write) => void this.#writes.push(write),
      channels: {
        find: (name) => table.names.indexOf(name),
        isOutput: (channel) => table.outputs[channel] === true,
        read: (channel) => node.shared.channel(channel),
        write: (channel, value) => this.#read(channel, value),
      },
    };
    this.#exchange = new MessageExchange(this.#node, this.#byName, this.#known);
  }

  execute(command: Command): void {
    this.#execute(command);
    this.flush();
  }

  #execute(command: Command): void {
    switch (command.op) {
      case 'start':
        this.#start(command.job, command.atom, command.trial);
        break;
      case 'know':
        this.#known.add(command.name);
        break;
      case 'adopt':
        this.#adopt(command.atom, command.aftermath);
        break;
      case 'stop':
        this.#stop(command.job, command.index, command.reason);
        break;
      case 'freeze':
        this.#atoms[command.index]?.freeze();
        this.#done(command.job);
        break;
      case 'thaw':
        this.#atoms[command.index]?.thaw();
        this.#done(command.job);
        break;
      case 'capture':
        this.#capture(command.job, command.index);
        break;
      case 'store':
        this.#store(command.job, command.atom, command.storage);
        break;
      case 'restore':
        this.#restore(command);
        break;
      case 'forget':
        this.#known.delete(command.name);
        this.#node.kv.forget(command.name);
        this.#done(command.job);
        break;
      case 'request':
        this.#request(command.index, command.request);
        break;
      case 'expired':
        this.#expired(command.index, command.ticket);
        break;
      case 'letter':
        this.#atoms[command.index]?.receiveLetter(command.cell);
        break;
      case 'outcome':
        this.#exchange.report(command.outcome);
        break;
      case 'response':
        this.#atoms[command.index]?.respond(command.response);
        break;
      case 'reading':
        this.#readings.push(command);
        break;
      case 'close':
        this.#close(command.job);
        break;
    }
  }

  /** One activation, or one reading from outside; false when nothing can be done now. */
  step(): boolean {
    const now = this.#node.now();
    if (now - this.#toldAt > this.#silenceMs) this.flush();
    const done = this.#takeReading(now) || this.#turn(now);
    if (done) this.#exchange.retryReports();
    else this.flush();
    return done;
  }

  #emit(effect: Effect): void {
    this.#effects.push(effect);
    if (effect.kind === 'answer') this.#silenceMs = mostSilenceMs.answers;
  }

  #turn(now: number): boolean {
    for (let tried = 0; tried < this.#atoms.length; tried += 1) {
      const atom = this.#atoms[this.#next];
      this.#next = (this.#next + 1) % this.#atoms.length;
      if (atom === undefined || atom.wakeAt > now) continue;
      if (atom.isSlow) this.flush();
      if (atom.turn(now)) return true;
    }
    return false;
  }

  /** Tells the effects of a turn, then shows what it changed; the network level looks at neither in between. */
  flush(): void {
    this.#toldAt = this.#node.now();
    this.#silenceMs = mostSilenceMs.others;
    if (this.#effects.isEmpty && this.#writes.length === 0) return;
    const { shared } = this.#node;
    shared.beginTelling();
    for (const effect of this.#effects.take()) this.#tell(effect);
    this.#post?.();
    for (const write of this.#writes) write();
    shared.endTelling();
    this.#writes.length = 0;
  }

  /** When `step` may find something to do without a command, milliseconds since the node started. */
  get wakeAt(): number {
    return this.#atoms.reduce(
      (earliest, atom) => Math.min(earliest, atom?.wakeAt ?? earliest),
      Number.POSITIVE_INFINITY,
    );
  }

  #start(job: number, start: AtomStart, trial: boolean): void {
    const check = checkModule(start.code);
    const trap = check.ok
      ? this.#make(start, check.module).start(trial)
      : this.#refuseModule(start, check.problem);
    if (trap !== undefined && trial) this.#drop(start.index);
    const result: JobResult = trap === undefined ? done : { ok: false, trap };
    this.#node.emit({ kind: 'done', job, result });
  }

  #drop(index: number): void {
    const atom = this.#atoms[index];
    this.#atoms[index] = undefined;
    if (atom !== undefined) this.#byName.delete(atom.name);
  }

  #request(index: number, request: RequestEvent): void {
    const atom = this.#atoms[index];
    if (atom === undefined) this.#refuseAbsent(index, request);
    else atom.receive(request);
  }

  /** The atom was stopped while the request was on its way. */
  #refuseAbsent(index: number, request: RequestEvent): void {
    const state = this.#node.shared.atom(index);
    const { ticket } = request;
    state.release(requestBytes(request));
    if (!state.request(ticket).step([requestState.waiting], requestState.free)) return;
    this.#node.emit({
      kind: 'refuse',
      index,
      ticket,
      error: 'NOT_RUNNING',
      details: { phase: 'TERMINATED' },
    });
  }

  #expired(index: number, ticket: number): void {
    const atom = this.#atoms[index];
    if (atom === undefined) this.#node.shared.atom(index).request(ticket).state = requestState.free;
    else atom.expired(ticket);
  }

  #stop(job: number, index: number, reason: StopReason | undefined): void {
    this.#atoms[index]?.stop(reason);
    this.#drop(index);
    this.#done(job);
  }

  #capture(job: number, index: number): void {
    const capture = this.#atoms[index]?.capture();
    this.#node.emit({ kind: 'done', job, result: capture === undefined ? lost : { ok: true, capture } });
  }

  #store(job: number, { name }: AtomStart, storage: Snapshot['storage']): void {
    const result = this.#node.kv.replace(name, storage);
    this.#node.emit({ kind: 'done', job, result: result < 0 ? lost : done });
  }

  #restore({ job, atom: start, snapshot, inPlace }: Extract<Command, { op: 'restore' }>): void {
    const check = checkModule(start.code);
    const before = inPlace ? this.#atoms[start.index] : undefined;
    const atom = before ?? (check.ok ? this.#make(start, check.module) : undefined);
    const isDone = atom?.restore(snapshot, inPlace) === true;
    if (!isDone) this.#drop(start.index);
    this.#node.emit({ kind: 'done', job, result: isDone ? done : lost });
  }

  #adopt(start: AtomStart, aftermath: Aftermath): void {
    const check = checkModule(start.code);
    if (check.ok) this.#make(start, check.module, aftermath).adopt(aftermath);
  }

  /** Modules are checked before they are kept: only one that an earlier release took fails here. */
  #refuseModule({ index }: AtomStart, { error, detail }: ModuleProblem): TrapReport {
    const { shared } = this.#node;
    const trap: TrapReport = { kind: 'ABORT', event: 'START', reason: `${error}: ${detail}` };
    shared.atom(index).set('phase', shownPhase.ERROR);
    this.#node.emit({ kind: 'failed', index, trap });
    return trap;
  }

  #make(start: AtomStart, module: CheckedModule, aftermath?: Aftermath): Atom {
    const code = compileGuest(module, start.code, module.heapBase);
    const atom = new Atom(start, code, this.#node, this.#exchange, aftermath);
    this.#atoms[start.index] = atom;
    this.#byName.set(start.name, atom);
    this.#known.add(start.name);
    return atom;
  }

  /** The next reading from outside; one is answered when every watching atom had its turn for it. */
  #takeReading(now: number): boolean {
    if (this.#atoms.some((atom) => atom?.owesReading(now))) return false;
    if (this.#reading !== undefined) this.#done(this.#reading.job);
    this.#reading = this.#readings.shift();
    if (this.#reading === undefined) return false;
    this.#read(this.#reading.channel, this.#reading.value);
    return true;
  }

  #read(channel: number, value: number): void {
    const { shared } = this.#node;
    const before = shared.channel(channel);
    shared.setChannel(channel, value);
    for (const atom of this.#atoms) atom?.reading(channel, before, value);
    this.#node.emit({ kind: 'reading', channel, value });
  }

  #close(job: number): void {
    for (const atom of this.#atoms) atom?.stop(stopReason.stop);
    this.#atoms.length = 0;
    this.#byName.clear();
    this.abandon();
    this.#done(job);
  }

  /** The thread ends where it stands; nothing is told any more. Idempotent. */
  abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#node.kv.close();
  }

  #done(job: number): void {
    this.#node.emit({ kind: 'done', job, result: done });
  }
}

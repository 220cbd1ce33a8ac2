/**
 * What both levels of the host node read and change while an atom runs: phases, queue lengths, counters and the open
 * requests, in one SharedArrayBuffer. Every cell has one writer or is changed by Atomics only.
 */
import type { InboxLimits } from '../image/index.ts';
import { abiLimits, phase } from '../tables/index.ts';
import { LetterCell, letterBytes, lettersPerAtom } from './letter-cell.ts';

/** Int32 cells of one atom. */
const atomCell = {
  phase: 0,
  /** 1 while the atom holds memory: requests are taken. */
  alive: 1,
  inboxMessages: 2,
  inboxBytes: 3,
  /** Events in the inbox that belong to an instance. */
  ready: 4,
  done: 5,
  dropped: 6,
  activations: 7,
  restarts: 8,
  storageUsed: 9,
  memoryUsed: 10,
  lastEventId: 11,
  /** Set by the network level: it wants to hear when the inbox has room again. */
  wantsRoom: 12,
  /** Of messages and own requests. */
  lastMessageId: 13,
  /** n of the newest instance `<atom>~<n>`. */
  lastInstance: 14,
  /** Events that were given a round-robin place. */
  rounds: 15,
  sent: 16,
  undelivered: 17,
  refused: 18,
  /** Messages in the node's outbox. */
  outbox: 19,
  /** `lastMessageId` when it was started. */
  earlierMessages: 20,
} as const;

export type AtomCell = keyof typeof atomCell;

/** How far a request has come; steps are compare-and-exchange, so that exactly one side ends it. */
export const requestState = {
  /** No request here. */
  free: 0,
  /** In the inbox, never offered. */
  waiting: 1,
  /** An activation handles it. */
  handling: 2,
  /** Answered with LATER: in the inbox again. */
  kept: 3,
  /** Handled, not answered yet. */
  open: 4,
  /** Answered by the atom. */
  answered: 5,
  /** Answered by the node. */
  expired: 6,
} as const;

/** Most requests of an atom that are open at once: inbox.messages and pending at their highest. */
export const requestsPerAtom = 40;

/** Even: see `atomBytes`. */
const atomCells = 22;
/** State, event id, number of failures, place and instance of each request. */
const requestCells = 5;

/** Most instances of an atom. */
export const instancesPerAtom = 8;
/** What others see of an instance; the network level reads it while it runs. */
const instanceCell = {
  /** 1 while there is an instance, or a restart of it to come. */
  used: 0,
  /** n of `<atom>~<n>`, 0 for the one that is called like the atom. */
  number: 1,
  phase: 2,
  activations: 3,
  /** Its round-robin place; -1 without, -2 for one that was spawned. */
  origin: 4,
} as const;
export type InstanceCellName = keyof typeof instanceCell;
const instanceCells = 5;
const instancesBase = atomCells + requestsPerAtom * requestCells;
const atomStride = instancesBase + instancesPerAtom * instanceCells;

/** Int32 cells of the node, before those of the atoms. */
const nodeCell = {
  /** Index of the atom that runs and one; 0 while none does. */
  running: 0,
  /** Its event (table eventKind) and deadline. */
  event: 1,
  deadlineMs: 2,
  deadlines: 3,
  traps: 4,
  kvWrites: 5,
  /** 1 while the activation level tells what a turn did. */
  telling: 6,
  /** Number of the instance that runs. */
  instance: 7,
  localMessages: 8,
  remoteMessages: 9,
  repeatedMessages: 10,
  lostReports: 11,
  outboxMessages: 12,
  outboxBytes: 13,
} as const;
export type NodeCell = keyof typeof nodeCell;
const nodeCells = 16;

/** Float64 cells, in front because they are aligned to 8 bytes: clock offset, start of the activation, channels. */
const floatCell = { clockOffset: 0, activationStart: 1 } as const;
const floatCells = 4;

export const mostChannels = 32;

const floatBytes = (floatCells + mostChannels) * 8;
const atomLetterBytes = lettersPerAtom * letterBytes;
/** An even number of cells: what lies behind is aligned to 8 bytes. */
const atomBytes = atomStride * 4 + atomLetterBytes;

const longestTellingMs = 20;

/** Phases as the state of an atom shows them: those of the interface, and a reactive atom without instance. */
export const shownPhase = { ...phase, IDLE: 7 } as const;
export type ShownPhase = keyof typeof shownPhase;

export class SharedState {
  readonly buffer: SharedArrayBuffer;
  readonly #floats: Float64Array;
  readonly #cells: Int32Array;
  /** Where the letters of the first atom begin. */
  readonly #letters: number;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#floats = new Float64Array(buffer, 0, floatCells + mostChannels);
    this.#cells = new Int32Array(buffer, this.#floats.byteLength);
    const atoms = Math.floor((buffer.byteLength - floatBytes - nodeCells * 4) / atomBytes);
    this.#letters = buffer.byteLength - atoms * atomLetterBytes;
  }

  static create(atoms: number): SharedState {
    return new SharedState(new SharedArrayBuffer(floatBytes + nodeCells * 4 + atoms * atomBytes));
  }

  atom(index: number): AtomState {
    return new AtomState(this.#cells, nodeCells + index * atomStride);
  }

  /** The places for messages in the inbox of an atom. */
  letters(index: number): readonly LetterCell[] {
    const base = this.#letters + index * atomLetterBytes;
    return Array.from(
      { length: lettersPerAtom },
      (_, place) => new LetterCell(this.buffer, base + place * letterBytes),
    );
  }

  get(cell: NodeCell): number {
    return Atomics.load(this.#cells, nodeCell[cell]);
  }

  set(cell: NodeCell, value: number): void {
    Atomics.store(this.#cells, nodeCell[cell], value);
  }

  add(cell: NodeCell, value = 1): void {
    this.#add(cell, value);
  }

  /** Takes room in the outbox of the node; false when it is full. */
  reserveOutbox(bytes: number): boolean {
    const isFull = this.#add('outboxMessages', 1) >= abiLimits.outboxMessages;
    const isOver = this.#add('outboxBytes', bytes) + bytes > abiLimits.outboxBytes;
    if (!isFull && !isOver) return true;
    this.releaseOutbox(bytes);
    return false;
  }

  releaseOutbox(bytes: number): void {
    this.#add('outboxMessages', -1);
    this.#add('outboxBytes', -bytes);
  }

  #add(cell: NodeCell, value: number): number {
    return Atomics.add(this.#cells, nodeCell[cell], value);
  }

  beginTelling(): void {
    this.set('telling', 1);
  }

  endTelling(): void {
    this.set('telling', 0);
    Atomics.notify(this.#cells, nodeCell.telling);
  }

  /** Waits the microseconds that telling takes; no longer for a thread that was ended in the middle of it. */
  settle(): void {
    if (this.get('telling') === 1) Atomics.wait(this.#cells, nodeCell.telling, 1, longestTellingMs);
  }

  /** Milliseconds to add to the machine's clock, set by PUT /time. */
  get clockOffset(): number {
    return this.#floats[floatCell.clockOffset] ?? 0;
  }

  set clockOffset(value: number) {
    this.#floats[floatCell.clockOffset] = value;
  }

  /** When the running activation started (milliseconds since the node did); NaN while none runs. */
  get activationStart(): number {
    return this.#floats[floatCell.activationStart] ?? Number.NaN;
  }

  set activationStart(value: number) {
    this.#floats[floatCell.activationStart] = value;
  }

  channel(index: number): number {
    return this.#floats[floatCells + index] ?? 0;
  }

  setChannel(index: number, value: number): void {
    this.#floats[floatCells + index] = value;
  }
}

/** The cells of one atom. */
export class AtomState {
  readonly #cells: Int32Array;
  readonly #base: number;
  readonly #requests: RequestCell[] = [];

  constructor(cells: Int32Array, base: number) {
    this.#cells = cells;
    this.#base = base;
  }

  get(cell: AtomCell): number {
    return Atomics.load(this.#cells, this.#base + atomCell[cell]);
  }

  set(cell: AtomCell, value: number): void {
    Atomics.store(this.#cells, this.#base + atomCell[cell], value);
  }

  /** Adds and answers the value before. */
  add(cell: AtomCell, value = 1): number {
    return Atomics.add(this.#cells, this.#base + atomCell[cell], value);
  }

  /** Takes a place of the inbox and bytes of it; false when there is no room. Both levels do. */
  reserve(bytes: number, limits: InboxLimits): boolean {
    const isFull = this.add('inboxMessages') >= limits.messages;
    const isOver = this.add('inboxBytes', bytes) + bytes > limits.bytes;
    if (!isFull && !isOver) return true;
    this.release(bytes);
    return false;
  }

  /** Gives a place of the inbox back. */
  release(bytes: number): void {
    this.add('inboxMessages', -1);
    this.add('inboxBytes', -bytes);
  }

  /** Sets everything to 0: another atom. */
  clear(): void {
    for (let cell = 0; cell < atomStride; cell += 1) Atomics.store(this.#cells, this.#base + cell, 0);
    this.set('phase', phase.CREATED);
  }

  /** Another version or start: the same, but for the ids of messages, of which no two starts may share one. */
  startOver(): void {
    const last = this.get('lastMessageId');
    this.clear();
    this.set('lastMessageId', last);
    this.set('earlierMessages', last);
  }

  /** A cell of the `slot`-th instance, 0..instancesPerAtom-1. */
  instance(slot: number, cell: InstanceCellName): number {
    return Atomics.load(this.#cells, this.#base + instancesBase + slot * instanceCells + instanceCell[cell]);
  }

  setInstance(slot: number, cell: InstanceCellName, value: number): void {
    const at = this.#base + instancesBase + slot * instanceCells + instanceCell[cell];
    Atomics.store(this.#cells, at, value);
  }

  /** The `ticket`-th request of the atom, 0..requestsPerAtom-1. */
  request(ticket: number): RequestCell {
    const known = this.#requests[ticket];
    if (known !== undefined) return known;
    const cell = new RequestCell(this.#cells, this.#base + atomCells + ticket * requestCells);
    this.#requests[ticket] = cell;
    return cell;
  }
}

/** One open request, as both levels see it. */
export class RequestCell {
  readonly #cells: Int32Array;
  readonly #base: number;

  constructor(cells: Int32Array, base: number) {
    this.#cells = cells;
    this.#base = base;
  }

  get state(): number {
    return Atomics.load(this.#cells, this.#base);
  }

  set state(value: number) {
    Atomics.store(this.#cells, this.#base, value);
  }

  /** Takes the step when the request is in one of the states `from`; false when the other side was first. */
  step(from: readonly number[], to: number): boolean {
    return from.some((state) => Atomics.compareExchange(this.#cells, this.#base, state, to) === state);
  }

  /** Event id, 0 until the request was offered to the atom. */
  get event(): number {
    return Atomics.load(this.#cells, this.#base + 1);
  }

  set event(value: number) {
    Atomics.store(this.#cells, this.#base + 1, value);
  }

  /** Its place among the events of the atom, 0 before it has one. */
  get place(): number {
    return Atomics.load(this.#cells, this.#base + 3);
  }

  set place(value: number) {
    Atomics.store(this.#cells, this.#base + 3, value);
  }

  /** Number of the instance that handled it last. */
  get instance(): number {
    return Atomics.load(this.#cells, this.#base + 4);
  }

  set instance(value: number) {
    Atomics.store(this.#cells, this.#base + 4, value);
  }

  /** Activations that failed with it. */
  get failures(): number {
    return Atomics.load(this.#cells, this.#base + 2);
  }

  set failures(value: number) {
    Atomics.store(this.#cells, this.#base + 2, value);
  }
}

/** Phase of an atom as others see it. */
export function shownPhaseOf(state: AtomState): ShownPhase {
  return phaseName(state.get('phase'));
}

export function phaseName(value: number): ShownPhase {
  return (Object.keys(shownPhase) as ShownPhase[]).find((name) => shownPhase[name] === value) ?? 'CREATED';
}

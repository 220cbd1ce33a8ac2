/**
 * What both levels of the host node read and change while an atom runs: phases, queue lengths, counters and the open
 * requests, in one SharedArrayBuffer. Every cell has one writer or is changed by Atomics only.
 */
import { phase } from '../tables/index.ts';

/** Int32 cells of one atom. */
const atomCell = {
  phase: 0,
  /** 1 while the atom holds memory: requests are taken. */
  alive: 1,
  inboxMessages: 2,
  inboxBytes: 3,
  /** 1 while a request is handled. */
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

const atomCells = 16;
/** State, event id and number of failures of each request. */
const requestCells = 3;
const atomStride = atomCells + requestsPerAtom * requestCells;

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
} as const;
export type NodeCell = keyof typeof nodeCell;
const nodeCells = 16;

/** Float64 cells, in front because they are aligned to 8 bytes: clock offset, start of the activation, channels. */
const floatCell = { clockOffset: 0, activationStart: 1 } as const;
const floatCells = 4;

export const mostChannels = 32;

const longestTellingMs = 20;

/** Phases as the state of an atom shows them: those of the interface, and a reactive atom without instance. */
export const shownPhase = { ...phase, IDLE: 7 } as const;
export type ShownPhase = keyof typeof shownPhase;

export class SharedState {
  readonly buffer: SharedArrayBuffer;
  readonly #floats: Float64Array;
  readonly #cells: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#floats = new Float64Array(buffer, 0, floatCells + mostChannels);
    this.#cells = new Int32Array(buffer, this.#floats.byteLength);
  }

  static create(atoms: number): SharedState {
    const bytes = (floatCells + mostChannels) * 8 + (nodeCells + atoms * atomStride) * 4;
    return new SharedState(new SharedArrayBuffer(bytes));
  }

  atom(index: number): AtomState {
    return new AtomState(this.#cells, nodeCells + index * atomStride);
  }

  get(cell: NodeCell): number {
    return Atomics.load(this.#cells, nodeCell[cell]);
  }

  set(cell: NodeCell, value: number): void {
    Atomics.store(this.#cells, nodeCell[cell], value);
  }

  add(cell: NodeCell, value = 1): void {
    Atomics.add(this.#cells, nodeCell[cell], value);
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

  /** Sets everything to 0: another atom, version or start. */
  clear(): void {
    for (let cell = 0; cell < atomStride; cell += 1) Atomics.store(this.#cells, this.#base + cell, 0);
    this.set('phase', phase.CREATED);
  }

  /** The `ticket`-th request of the atom, 0..requestsPerAtom-1. */
  request(ticket: number): RequestCell {
    return new RequestCell(this.#cells, this.#base + atomCells + ticket * requestCells);
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
  const value = state.get('phase');
  return (Object.keys(shownPhase) as ShownPhase[]).find((name) => shownPhase[name] === value) ?? 'CREATED';
}

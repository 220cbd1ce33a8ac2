/**
 * A message, report or start of a spawned instance in an inbox. It stands in shared memory: both levels can put one
 * there while atoms run, and it is still there when the worker has to be ended.
 */
import { abiLimits, eventKind } from '../tables/index.ts';

/** `inbox.messages` at its highest. */
export const lettersPerAtom = 32;

const headCells = 16;
const waitBytes = 8;
/** `<node>/<atom>~<n>`, n of up to ten digits. */
const senderBytes = 80;

/** Where the parts of a letter stand, bytes from its begin; a multiple of 8 in all. */
const senderAt = waitBytes + headCells * 4;
const payloadAt = senderAt + senderBytes;
export const letterBytes = payloadAt + abiLimits.messageBytes;

/** What a letter says; numbers are 32 bits wide. */
export interface Letter {
  /** Table eventKind: MESSAGE, UNDELIVERED or START. */
  readonly kind: number;
  readonly sender: string;
  readonly payload: Uint8Array;
  /** Of the message with its sender, 0 for one that nobody asks after. */
  readonly id: number;
  readonly correlation: number;
  readonly unordered: boolean;
  readonly reason: number;
  readonly handle: number;
  /** Number of the instance it is for; -1: the policy decides. */
  readonly target: number;
  /** Milliseconds since the node started after which it waits no longer. */
  readonly waitUntil: number;
}

const head = {
  used: 0,
  kind: 1,
  id: 2,
  correlation: 3,
  unordered: 4,
  reason: 5,
  handle: 6,
  target: 7,
  senderLength: 8,
  payloadLength: 9,
  event: 10,
  failures: 11,
  place: 12,
  handling: 13,
} as const;

const use = { free: 0, claimed: 2, written: 1 } as const;

export class LetterCell {
  readonly #head: Int32Array;
  readonly #waitUntil: Float64Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.#waitUntil = new Float64Array(buffer, offset, 1);
    this.#head = new Int32Array(buffer, offset + waitBytes, headCells);
    this.#bytes = new Uint8Array(buffer, offset, letterBytes);
  }

  /** It holds a letter. */
  get used(): boolean {
    return Atomics.load(this.#head, head.used) === use.written;
  }

  /** Takes the cell to write into it; false when it is taken. */
  claim(): boolean {
    return Atomics.compareExchange(this.#head, head.used, use.free, use.claimed) === use.free;
  }

  /** Copies a letter into a claimed cell; answers where its payload stands from now on. */
  write(letter: Letter): Uint8Array {
    const { sender, payload } = letter;
    this.#set('kind', letter.kind);
    this.#set('id', letter.id);
    this.#set('correlation', letter.correlation);
    this.#set('unordered', letter.unordered ? 1 : 0);
    this.#set('reason', letter.reason);
    this.#set('handle', letter.handle);
    this.#set('target', letter.target);
    this.#set('senderLength', this.#writeSender(sender));
    this.#set('payloadLength', payload.length);
    this.#set('event', 0);
    this.#set('failures', 0);
    this.#set('place', 0);
    this.#set('handling', 0);
    this.#waitUntil[0] = letter.waitUntil;
    this.#bytes.set(payload, payloadAt);
    Atomics.store(this.#head, head.used, use.written);
    return this.payload;
  }

  read(): Letter {
    return {
      kind: this.#get('kind'),
      sender: this.#readSender(),
      payload: this.payload,
      id: this.#get('id'),
      correlation: this.#get('correlation'),
      unordered: this.#get('unordered') === 1,
      reason: this.#get('reason'),
      handle: this.#get('handle'),
      target: this.#get('target'),
      waitUntil: this.#waitUntil[0] ?? 0,
    };
  }

  /** Names are ASCII. Answers the bytes written. */
  #writeSender(sender: string): number {
    const length = Math.min(sender.length, senderBytes);
    for (let at = 0; at < length; at += 1) this.#bytes[senderAt + at] = sender.charCodeAt(at);
    return length;
  }

  #readSender(): string {
    return String.fromCharCode(...this.#bytes.subarray(senderAt, senderAt + this.#get('senderLength')));
  }

  get payload(): Uint8Array {
    return this.#bytes.subarray(payloadAt, payloadAt + this.#get('payloadLength'));
  }

  free(): void {
    Atomics.store(this.#head, head.used, use.free);
  }

  /** It is the start of a spawned instance with this number. */
  startsInstance(number: number): boolean {
    return this.#get('kind') === eventKind.START && this.#get('target') === number;
  }

  /** Event id, 0 until it was offered. */
  get event(): number {
    return this.#get('event');
  }

  set event(value: number) {
    this.#set('event', value);
  }

  /** Activations that failed with it. */
  get failures(): number {
    return this.#get('failures');
  }

  set failures(value: number) {
    this.#set('failures', value);
  }

  /** Its place among the events of the atom, 0 before it has one. */
  get place(): number {
    return this.#get('place');
  }

  set place(value: number) {
    this.#set('place', value);
  }

  /** An activation handles it. */
  get handling(): boolean {
    return this.#get('handling') === 1;
  }

  set handling(value: boolean) {
    this.#set('handling', value ? 1 : 0);
  }

  #set(cell: keyof typeof head, value: number): void {
    this.#head[head[cell]] = value;
  }

  #get(cell: keyof typeof head): number {
    return this.#head[head[cell]] ?? 0;
  }
}

/**
 * A message, report or start of a spawned instance in an inbox. It stands in shared memory, so that it is still there
 * when the worker has to be ended. Written by the activation level only.
 */
import { abiLimits } from '../tables/index.ts';

/** `inbox.messages` at its highest. */
export const lettersPerAtom = 32;

const headCells = 14;
/** `<node>/<atom>~<n>`, n of up to ten digits. */
const senderBytes = 80;
const headBytes = headCells * 4 + 8;
export const letterBytes = headBytes + senderBytes + abiLimits.messageBytes;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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

export class LetterCell {
  readonly #head: Int32Array;
  readonly #waitUntil: Float64Array;
  readonly #sender: Uint8Array;
  readonly #payload: Uint8Array;

  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.#waitUntil = new Float64Array(buffer, offset, 1);
    this.#head = new Int32Array(buffer, offset + 8, headCells);
    this.#sender = new Uint8Array(buffer, offset + headBytes, senderBytes);
    this.#payload = new Uint8Array(buffer, offset + headBytes + senderBytes, abiLimits.messageBytes);
  }

  get used(): boolean {
    return this.#head[head.used] === 1;
  }

  /** Copies a letter; answers what the bytes of its payload are from now on. */
  write(letter: Letter, place: number): Uint8Array {
    const { sender, payload } = letter;
    const numbers = [1, letter.kind, letter.id, letter.correlation, letter.unordered ? 1 : 0, letter.reason];
    this.#head.set(numbers);
    this.#head.set(
      [letter.handle, letter.target, sender.length, payload.length, 0, 0, place, 0],
      head.handle,
    );
    this.#waitUntil[0] = letter.waitUntil;
    this.#sender.set(encoder.encode(sender));
    this.#payload.set(payload);
    return this.payload;
  }

  read(): Letter {
    const sender = decoder.decode(this.#sender.slice(0, this.#get('senderLength')));
    return {
      kind: this.#get('kind'),
      sender,
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

  get payload(): Uint8Array {
    return this.#payload.subarray(0, this.#get('payloadLength'));
  }

  free(): void {
    this.#head[head.used] = 0;
  }

  /** Event id, 0 until it was offered. */
  get event(): number {
    return this.#get('event');
  }

  set event(value: number) {
    this.#head[head.event] = value;
  }

  /** Activations that failed with it. */
  get failures(): number {
    return this.#get('failures');
  }

  set failures(value: number) {
    this.#head[head.failures] = value;
  }

  get place(): number {
    return this.#get('place');
  }

  /** An activation handles it. */
  get handling(): boolean {
    return this.#get('handling') === 1;
  }

  set handling(value: boolean) {
    this.#head[head.handling] = value ? 1 : 0;
  }

  #get(cell: keyof typeof head): number {
    return this.#head[head[cell]] ?? 0;
  }
}

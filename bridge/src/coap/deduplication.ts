/**
 * What a server remembers of unsafe requests, so that none is executed twice: (endpoint, message ID, hash of the bytes)
 * and the reply, for EXCHANGE_LIFETIME. A ring of entries in typed arrays (all live equally long, so they end in order)
 * and an open-addressing index with backward-shift deletion. A live entry is never evicted.
 */
import { type Endpoint, release, retain } from '../link/link.ts';
import { ReplyLog } from './reply-log.ts';

const firstCapacity = 1_024;
/** Reply memory per entry at the limit: a piggybacked response without a body takes 8 to 20 bytes. */
const replyBytesPerEntry = 48;

export const entryState = { pending: 0, acknowledged: 1, replied: 2 } as const;

export class Deduplication {
  private readonly lifetimeMs: number;
  private readonly maxMessage: number;
  private readonly limit: number;
  private readonly replies: ReplyLog;
  private capacity = 0;
  private endpoints: (Endpoint | undefined)[] = [];
  private endpointIds = new Int32Array(0);
  private messageIds = new Uint16Array(0);
  private hashes = new Int32Array(0);
  private deadlines = new Float64Array(0);
  private states = new Uint8Array(0);
  private replyPositions = new Float64Array(0);
  private replyLengths = new Uint16Array(0);
  /** Ring position + 1 of an entry; 0 is free. Twice as long as the ring. */
  private index = new Int32Array(0);
  /** Sequence numbers of the oldest live entry and of the next one; the ring position is their remainder. */
  private oldest = 0;
  private newest = 0;
  private pending = 0;

  /** `limit` entries at most, rounded up to a power of two; memory grows with use. */
  constructor(lifetimeMs: number, maxMessage: number, limit: number) {
    this.lifetimeMs = lifetimeMs;
    this.maxMessage = maxMessage;
    this.limit = 1 << Math.ceil(Math.log2(Math.max(2, limit)));
    this.replies = new ReplyLog(this.limit * replyBytesPerEntry);
    this.grow(Math.min(firstCapacity, this.limit));
  }

  get size(): number {
    return this.newest - this.oldest;
  }

  /** Sequence number of a live entry, or -1. */
  find(endpoint: Endpoint, messageId: number, hash: number): number {
    const mask = this.index.length - 1;
    for (let slot = this.home(endpoint.id, messageId, hash); ; slot = (slot + 1) & mask) {
      const at = (this.index[slot] ?? 0) - 1;
      if (at < 0) return -1;
      const same =
        this.messageIds[at] === messageId && this.hashes[at] === hash && this.endpointIds[at] === endpoint.id;
      if (same) return this.oldest + ((at - this.oldest) & (this.capacity - 1));
    }
  }

  /** Remembers a request about to be executed; -1 when there is no room for it or for its reply. */
  add(endpoint: Endpoint, messageId: number, hash: number, now: number): number {
    if (this.size === this.capacity) {
      if (this.capacity >= this.limit) return -1;
      this.grow(this.capacity * 2);
    }
    if (!this.replies.hasRoom((this.pending + 1) * this.maxMessage)) return -1;
    const sequence = this.newest;
    const at = sequence & (this.capacity - 1);
    this.newest += 1;
    this.pending += 1;
    retain(endpoint);
    this.endpoints[at] = endpoint;
    this.endpointIds[at] = endpoint.id;
    this.messageIds[at] = messageId;
    this.hashes[at] = hash;
    this.deadlines[at] = now + this.lifetimeMs;
    this.states[at] = entryState.pending;
    this.replyLengths[at] = 0;
    this.insert(at);
    return sequence;
  }

  isLive(sequence: number): boolean {
    return sequence >= this.oldest && sequence < this.newest;
  }

  state(sequence: number): number {
    return this.states[sequence & (this.capacity - 1)] ?? 0;
  }

  /** The request got an empty ACK; its response goes separately. */
  acknowledge(sequence: number): void {
    if (this.isLive(sequence)) this.settle(sequence & (this.capacity - 1), entryState.acknowledged);
  }

  /** Keeps `bytes[start, end)` to answer repetitions with; an empty range when repetitions get no answer. */
  setReply(sequence: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.isLive(sequence)) return;
    const at = sequence & (this.capacity - 1);
    this.settle(at, entryState.replied);
    this.replyPositions[at] = this.replies.write(sequence, bytes, start, end);
    this.replyLengths[at] = end - start;
  }

  /** The stored reply as a view; empty when there is none. */
  reply(sequence: number): Uint8Array {
    const at = sequence & (this.capacity - 1);
    return this.replies.read(this.replyPositions[at] ?? 0, this.replyLengths[at] ?? 0);
  }

  /** Forgets what is past its lifetime. */
  expire(now: number): void {
    const { oldest } = this;
    while (this.oldest < this.newest && (this.deadlines[this.oldest & (this.capacity - 1)] ?? 0) <= now) {
      this.forgetOldest();
    }
    if (this.oldest > oldest) this.replies.release(this.oldest);
  }

  /** Lets go of every endpoint; the object is of no use afterwards. */
  clear(): void {
    while (this.oldest < this.newest) this.forgetOldest();
  }

  private forgetOldest(): void {
    const at = this.oldest & (this.capacity - 1);
    this.settle(at, entryState.replied);
    this.remove(at);
    const endpoint = this.endpoints[at];
    if (endpoint !== undefined) release(endpoint);
    this.endpoints[at] = undefined;
    this.oldest += 1;
  }

  private settle(at: number, state: number): void {
    if (this.states[at] === entryState.pending) this.pending -= 1;
    this.states[at] = state;
  }

  private home(endpointId: number, messageId: number, hash: number): number {
    let mixed = Math.imul(hash ^ Math.imul(endpointId, 0x9e3779b1), 0x85ebca6b);
    mixed ^= Math.imul(messageId, 0xc2b2ae35);
    mixed ^= mixed >>> 15;
    return mixed & (this.index.length - 1);
  }

  private homeOf(at: number): number {
    return this.home(this.endpointIds[at] ?? 0, this.messageIds[at] ?? 0, this.hashes[at] ?? 0);
  }

  private insert(at: number): void {
    const mask = this.index.length - 1;
    let slot = this.homeOf(at);
    while (this.index[slot] !== 0) slot = (slot + 1) & mask;
    this.index[slot] = at + 1;
  }

  /** Backward-shift deletion: what was displaced past the hole moves into it, so that lookups need no tombstones. */
  private remove(at: number): void {
    const mask = this.index.length - 1;
    let hole = this.homeOf(at);
    while (this.index[hole] !== at + 1) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; this.index[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.homeOf((this.index[slot] ?? 0) - 1);
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.index[hole] = this.index[slot] ?? 0;
      hole = slot;
    }
    this.index[hole] = 0;
  }

  /** Entries keep their sequence numbers; their ring positions follow from the new capacity. */
  private grow(capacity: number): void {
    const { oldest, newest } = this;
    this.endpoints = moveEndpoints(this.endpoints, new Array<Endpoint | undefined>(capacity), oldest, newest);
    this.endpointIds = moveRing(this.endpointIds, new Int32Array(capacity), oldest, newest);
    this.messageIds = moveRing(this.messageIds, new Uint16Array(capacity), oldest, newest);
    this.hashes = moveRing(this.hashes, new Int32Array(capacity), oldest, newest);
    this.deadlines = moveRing(this.deadlines, new Float64Array(capacity), oldest, newest);
    this.states = moveRing(this.states, new Uint8Array(capacity), oldest, newest);
    this.replyPositions = moveRing(this.replyPositions, new Float64Array(capacity), oldest, newest);
    this.replyLengths = moveRing(this.replyLengths, new Uint16Array(capacity), oldest, newest);
    this.index = new Int32Array(capacity * 2);
    this.capacity = capacity;
    for (let sequence = oldest; sequence < newest; sequence += 1) this.insert(sequence & (capacity - 1));
  }
}

type Column = Int32Array | Uint16Array | Uint8Array | Float64Array;

/** Moves the elements of a run of sequence numbers to a longer ring: at most two stretches, before and after the old end. */
function moveRing<C extends Column>(from: C, to: C, first: number, end: number): C {
  if (first === end) return to;
  const start = first & (from.length - 1);
  const wrap = Math.min(end, first + from.length - start);
  to.set(from.subarray(start, start + wrap - first), first & (to.length - 1));
  if (wrap < end) to.set(from.subarray(0, end - wrap), wrap & (to.length - 1));
  return to;
}

function moveEndpoints(
  from: (Endpoint | undefined)[],
  to: (Endpoint | undefined)[],
  first: number,
  end: number,
): (Endpoint | undefined)[] {
  for (let sequence = first; sequence < end; sequence += 1) {
    to[sequence & (to.length - 1)] = from[sequence & (from.length - 1)];
  }
  return to;
}

/** FNV-1a over the whole datagram: the same ID with different bytes is another request. */
export function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index += 1)
    hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}

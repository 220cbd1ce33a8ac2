/**
 * What a server remembers of unsafe requests, so that none is executed twice: (endpoint, message ID, hash of the bytes)
 * and the reply, for EXCHANGE_LIFETIME. Rings of entries in typed arrays: all live equally long, so they end in order.
 * Where one ring is full, a larger one goes on beside it until the first has run empty: growing moves nothing, and nobody
 * waits for it. A live entry is never evicted.
 */
import { type Endpoint, release, retain } from '../link/link.ts';
import { ReplyLog } from './reply-log.ts';

const firstCapacity = 1_024;
/** From one ring to the next: few rings, since a request that is new is looked for in each. */
const growth = 16;
/** Reply memory per entry at the limit: a piggybacked response without a body takes 8 to 20 bytes. */
const replyBytesPerEntry = 48;

export const entryState = { pending: 0, acknowledged: 1, replied: 2 } as const;

export class Deduplication {
  private readonly lifetimeMs: number;
  private readonly maxMessage: number;
  private readonly limit: number;
  private readonly replies: ReplyLog;
  /** Those that run empty, and the one that is being filled. */
  private readonly older: Ring[] = [];
  private newest: Ring;
  /** Whose entries there are, by the ID of the endpoint. */
  private readonly holdings = new Map<number, Holding>();
  private pending = 0;

  /** `limit` entries at most, rounded up to a power of two; memory grows with use. */
  constructor(lifetimeMs: number, maxMessage: number, limit: number) {
    this.lifetimeMs = lifetimeMs;
    this.maxMessage = maxMessage;
    this.limit = 1 << Math.ceil(Math.log2(Math.max(2, limit)));
    this.replies = new ReplyLog(this.limit * replyBytesPerEntry);
    this.newest = new Ring(Math.min(firstCapacity, this.limit), 0);
  }

  get size(): number {
    return this.newest.end - this.oldest.oldest;
  }

  /** Sequence number of a live entry, or -1. */
  find(endpoint: Endpoint, messageId: number, hash: number): number {
    const found = this.newest.find(endpoint.id, messageId, hash);
    if (found >= 0 || this.older.length === 0) return found;
    return this.findOlder(endpoint, messageId, hash);
  }

  /** Remembers a request about to be executed; -1 when there is no room for it or for its reply. */
  add(endpoint: Endpoint, messageId: number, hash: number, now: number): number {
    if (this.size >= this.limit || !this.replies.hasRoom((this.pending + 1) * this.maxMessage)) return -1;
    if (this.newest.isFull) {
      this.older.push(this.newest);
      this.newest = new Ring(Math.min(this.newest.capacity * growth, this.limit), this.newest.end);
    }
    this.pending += 1;
    this.hold(endpoint);
    return this.newest.add(endpoint.id, messageId, hash, now + this.lifetimeMs);
  }

  isLive(sequence: number): boolean {
    return sequence >= this.oldest.oldest && sequence < this.newest.end;
  }

  state(sequence: number): number {
    return this.ringOf(sequence).stateOf(sequence);
  }

  /** The request got an empty ACK; its response goes separately. */
  acknowledge(sequence: number): void {
    if (this.isLive(sequence)) this.settle(this.ringOf(sequence), sequence, entryState.acknowledged);
  }

  /** Keeps `bytes[start, end)` to answer repetitions with; an empty range when repetitions get no answer. */
  setReply(sequence: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.isLive(sequence)) return;
    const ring = this.ringOf(sequence);
    this.settle(ring, sequence, entryState.replied);
    ring.setReply(sequence, this.replies.write(sequence, bytes, start, end), end - start);
  }

  /** The stored reply as a view; empty when there is none. */
  reply(sequence: number): Uint8Array {
    const ring = this.ringOf(sequence);
    return this.replies.read(ring.replyPositionOf(sequence), ring.replyLengthOf(sequence));
  }

  /** Forgets what is past its lifetime. */
  expire(now: number): void {
    if (this.oldest.nextDeadline > now) return;
    while (this.oldest.nextDeadline <= now) this.forgetOldest();
    this.replies.release(this.oldest.oldest);
  }

  /** Lets go of every endpoint; the object is of no use afterwards. */
  clear(): void {
    while (this.size > 0) this.forgetOldest();
  }

  private get oldest(): Ring {
    return this.older[0] ?? this.newest;
  }

  private findOlder(endpoint: Endpoint, messageId: number, hash: number): number {
    for (let at = this.older.length - 1; at >= 0; at -= 1) {
      const found = this.older[at]?.find(endpoint.id, messageId, hash) ?? -1;
      if (found >= 0) return found;
    }
    return -1;
  }

  private ringOf(sequence: number): Ring {
    if (sequence >= this.newest.first) return this.newest;
    let found = this.oldest;
    for (const ring of this.older) if (sequence >= ring.first) found = ring;
    return found;
  }

  private settle(ring: Ring, sequence: number, state: number): void {
    if (ring.stateOf(sequence) === entryState.pending) this.pending -= 1;
    ring.setState(sequence, state);
  }

  private forgetOldest(): void {
    const ring = this.oldest;
    this.settle(ring, ring.oldest, entryState.replied);
    this.letGo(ring.takeOldest());
    if (ring.size === 0 && ring !== this.newest) this.older.shift();
  }

  private hold(endpoint: Endpoint): void {
    const known = this.holdings.get(endpoint.id);
    if (known !== undefined) known.entries += 1;
    else {
      this.holdings.set(endpoint.id, { endpoint, entries: 1 });
      retain(endpoint);
    }
  }

  private letGo(endpointId: number): void {
    const holding = this.holdings.get(endpointId);
    if (holding === undefined) return;
    holding.entries -= 1;
    if (holding.entries > 0) return;
    this.holdings.delete(endpointId);
    release(holding.endpoint);
  }
}

interface Holding {
  readonly endpoint: Endpoint;
  entries: number;
}

/** Entries of one size of ring, and an open-addressing index with backward-shift deletion. */
class Ring {
  readonly capacity: number;
  /** Sequence number of the first entry it ever had, of the oldest that lives, of the next one. */
  readonly first: number;
  oldest: number;
  end: number;
  private readonly endpointIds: Int32Array;
  private readonly messageIds: Uint16Array;
  private readonly hashes: Int32Array;
  private readonly deadlines: Float64Array;
  private readonly states: Uint8Array;
  private readonly replyPositions: Float64Array;
  private readonly replyLengths: Uint16Array;
  /** Ring position + 1 of an entry; 0 is free. Twice as long as the ring. */
  private readonly index: Int32Array;

  /** `capacity`: a power of two. */
  constructor(capacity: number, first: number) {
    this.capacity = capacity;
    this.first = first;
    this.oldest = first;
    this.end = first;
    this.endpointIds = new Int32Array(capacity);
    this.messageIds = new Uint16Array(capacity);
    this.hashes = new Int32Array(capacity);
    this.deadlines = new Float64Array(capacity);
    this.states = new Uint8Array(capacity);
    this.replyPositions = new Float64Array(capacity);
    this.replyLengths = new Uint16Array(capacity);
    this.index = new Int32Array(capacity * 2);
  }

  get size(): number {
    return this.end - this.oldest;
  }

  get isFull(): boolean {
    return this.end - this.oldest === this.capacity;
  }

  /** When the oldest entry is past its lifetime; infinity where there is none. */
  get nextDeadline(): number {
    if (this.end === this.oldest) return Number.POSITIVE_INFINITY;
    return this.deadlines[this.positionOf(this.oldest)] ?? 0;
  }

  find(endpointId: number, messageId: number, hash: number): number {
    const mask = this.index.length - 1;
    for (let slot = this.home(endpointId, messageId, hash); ; slot = (slot + 1) & mask) {
      const at = (this.index[slot] ?? 0) - 1;
      if (at < 0) return -1;
      const same =
        this.messageIds[at] === messageId && this.hashes[at] === hash && this.endpointIds[at] === endpointId;
      if (same) return this.oldest + ((at - this.oldest) & (this.capacity - 1));
    }
  }

  /** There is room. */
  add(endpointId: number, messageId: number, hash: number, deadline: number): number {
    const sequence = this.end;
    const at = this.positionOf(sequence);
    this.end += 1;
    this.endpointIds[at] = endpointId;
    this.messageIds[at] = messageId;
    this.hashes[at] = hash;
    this.deadlines[at] = deadline;
    this.states[at] = entryState.pending;
    this.replyLengths[at] = 0;
    const mask = this.index.length - 1;
    let slot = this.homeOf(at);
    while (this.index[slot] !== 0) slot = (slot + 1) & mask;
    this.index[slot] = at + 1;
    return sequence;
  }

  stateOf(sequence: number): number {
    return this.states[this.positionOf(sequence)] ?? 0;
  }

  setState(sequence: number, state: number): void {
    this.states[this.positionOf(sequence)] = state;
  }

  replyPositionOf(sequence: number): number {
    return this.replyPositions[this.positionOf(sequence)] ?? 0;
  }

  replyLengthOf(sequence: number): number {
    return this.replyLengths[this.positionOf(sequence)] ?? 0;
  }

  setReply(sequence: number, position: number, length: number): void {
    const at = this.positionOf(sequence);
    this.replyPositions[at] = position;
    this.replyLengths[at] = length;
  }

  /** Forgets the oldest entry; the ID of its endpoint. */
  takeOldest(): number {
    const at = this.positionOf(this.oldest);
    this.remove(at);
    this.oldest += 1;
    return this.endpointIds[at] ?? 0;
  }

  private positionOf(sequence: number): number {
    return sequence & (this.capacity - 1);
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

  /** What was displaced past the hole moves into it, so that lookups need no tombstones. */
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
}

/** FNV-1a over the whole datagram: the same ID with different bytes is another request. */
export function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index += 1)
    hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}

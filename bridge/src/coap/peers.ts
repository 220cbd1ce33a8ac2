import { type Endpoint, release, retain } from '../link/link.ts';
import { MessageIds } from './message-ids.ts';
import type { Outgoing } from './outgoing.ts';

/** Separate responses whose ACK may have been lost are recognised among this many. */
const rememberedResponses = 16;
const firstSweep = 1_024;
const peerLimit = 65_536;

/** What the message layer keeps about one endpoint it sends to of its own accord. */
export class Peer {
  readonly endpoint: Endpoint;
  readonly ids: MessageIds;
  nstart: number;
  /** In phase `sent`, at most `nstart`. */
  readonly outstanding: Outgoing[] = [];
  readonly queue: Outgoing[] = [];
  private readonly responseIds = new Int32Array(rememberedResponses).fill(-1);
  private readonly responseTimes = new Float64Array(rememberedResponses);
  private lastResponse = 0;

  constructor(endpoint: Endpoint, ids: MessageIds, nstart: number) {
    this.endpoint = endpoint;
    this.ids = ids;
    this.nstart = nstart;
  }

  outstandingById(messageId: number): Outgoing | undefined {
    return this.outstanding.find((outgoing) => outgoing.messageId === messageId);
  }

  rememberResponse(messageId: number, now: number): void {
    this.lastResponse = (this.lastResponse + 1) % rememberedResponses;
    this.responseIds[this.lastResponse] = messageId;
    this.responseTimes[this.lastResponse] = now;
  }

  /** Whether a CON response with this ID was taken and acknowledged within the lifetime. */
  hasTakenResponse(messageId: number, now: number, lifetimeMs: number): boolean {
    const at = this.responseIds.indexOf(messageId);
    return at >= 0 && now - (this.responseTimes[at] ?? 0) < lifetimeMs;
  }
}

/** The peers of one message layer; idle ones are dropped once their message IDs are free again. */
export class Peers {
  private readonly byEndpoint = new Map<number, Peer>();
  private readonly lifetimeMs: number;
  private readonly random: () => number;
  private nstart: number;
  private last: Peer | undefined = undefined;
  private sweepAt = firstSweep;

  constructor(lifetimeMs: number, nstart: number, random: () => number) {
    this.lifetimeMs = lifetimeMs;
    this.nstart = nstart;
    this.random = random;
  }

  get size(): number {
    return this.byEndpoint.size;
  }

  find(endpoint: Endpoint): Peer | undefined {
    if (this.last?.endpoint === endpoint) return this.last;
    return this.byEndpoint.get(endpoint.id);
  }

  /** Undefined only when the table is full of busy peers. */
  take(endpoint: Endpoint, now: number): Peer | undefined {
    const known = this.find(endpoint);
    if (known !== undefined) {
      this.last = known;
      return known;
    }
    if (this.byEndpoint.size >= this.sweepAt) this.sweep(now);
    if (this.byEndpoint.size >= peerLimit) return undefined;
    const ids = new MessageIds(this.lifetimeMs, Math.floor(this.random() * 0x10000));
    const peer = new Peer(endpoint, ids, this.nstart);
    retain(endpoint);
    this.byEndpoint.set(endpoint.id, peer);
    this.last = peer;
    return peer;
  }

  /** For every peer from now on. */
  setNstart(nstart: number): void {
    this.nstart = nstart;
    for (const peer of this.byEndpoint.values()) peer.nstart = nstart;
  }

  all(): IterableIterator<Peer> {
    return this.byEndpoint.values();
  }

  clear(): void {
    for (const peer of this.byEndpoint.values()) release(peer.endpoint);
    this.byEndpoint.clear();
    this.last = undefined;
  }

  private sweep(now: number): void {
    for (const [id, peer] of this.byEndpoint) {
      if (peer.outstanding.length > 0 || peer.queue.length > 0 || !peer.ids.isIdle(now)) continue;
      this.byEndpoint.delete(id);
      release(peer.endpoint);
    }
    this.last = undefined;
    this.sweepAt = Math.min(peerLimit, Math.max(firstSweep, this.byEndpoint.size * 2));
  }
}

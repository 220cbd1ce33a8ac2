/** The observers of a server (RFC 7641 section 4). */
import { type Endpoint, release, retain } from '../link/link.ts';
import { messageType } from './codes.ts';
import type { IncomingRequest } from './incoming.ts';
import type { Outgoing } from './outgoing.ts';
import type { CoapReply } from './types.ts';

const observerLimit = 4_096;
/** Every so many NON notifications one is a CON, so that an observer that is gone is noticed (RFC 7641 section 4.5). */
const confirmableEvery = 16;
const sequenceMask = 0xffffff;
/** Notifications there may have been since an observation was written down; with them the next one is newer still (section 3.4). */
const unwritten = 1 << 22;

export interface ServerObserver {
  readonly key: string;
  readonly request: IncomingRequest;
  /** Observe value of the last notification, 24 bits. */
  sequence: number;
  /** The notification under way. */
  outgoing: Outgoing | undefined;
  /** Message ID of the last NON notification, which an RST may name. */
  lastNonId: number;
  /** What to send when the one under way is done: the newest reply, or 'ask' for a question to the handler. */
  pending: CoapReply | 'ask' | undefined;
  isAsking: boolean;
  unsubscribe: (() => void) | undefined;
}

function keyOf(request: IncomingRequest): string {
  return `${request.from.id}:${request.token.join('.')}`;
}

export class ServerObservers {
  private readonly byKey = new Map<string, ServerObserver>();
  private readonly watchers = new Set<() => void>();

  get size(): number {
    return this.byKey.size;
  }

  /** Calls `changed` when an observer comes or goes; the result stops that. */
  watch(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  /** Registers; a registration under the same token replaces the one before. Undefined when there are too many. */
  add(request: IncomingRequest): ServerObserver | undefined {
    const before = this.byKey.get(keyOf(request));
    if (before !== undefined) this.remove(before);
    return this.insert(request, before === undefined ? 1 : nextSequence(before));
  }

  /** Takes over an observation of an earlier process, whose last notification was `sequence` or later: the next one is a CON. */
  resume(request: IncomingRequest, sequence: number): ServerObserver | undefined {
    if (this.byKey.has(keyOf(request))) return undefined;
    return this.insert(request, ((sequence + unwritten) | (confirmableEvery - 1)) & sequenceMask);
  }

  /** In the order of their registration. */
  list(): readonly ServerObserver[] {
    return [...this.byKey.values()];
  }

  private insert(request: IncomingRequest, sequence: number): ServerObserver | undefined {
    if (this.byKey.size >= observerLimit) return undefined;
    const key = keyOf(request);
    const observer: ServerObserver = {
      key,
      request,
      sequence,
      outgoing: undefined,
      lastNonId: -1,
      pending: undefined,
      isAsking: false,
      unsubscribe: undefined,
    };
    retain(request.from);
    this.byKey.set(key, observer);
    this.tell();
    return observer;
  }

  private tell(): void {
    for (const changed of this.watchers) changed();
  }

  has(observer: ServerObserver): boolean {
    return this.byKey.get(observer.key) === observer;
  }

  /** Ends an observation and its subscription. */
  remove(observer: ServerObserver): void {
    if (!this.has(observer)) return;
    this.byKey.delete(observer.key);
    release(observer.request.from);
    observer.unsubscribe?.();
    this.tell();
  }

  /** A GET with the token of an observation but without registration ends it (RFC 7641 section 4.1). */
  removeOf(request: IncomingRequest): void {
    const observer = this.byKey.size === 0 ? undefined : this.byKey.get(keyOf(request));
    if (observer !== undefined) this.remove(observer);
  }

  /** RST for a NON notification. */
  removeRejected(from: Endpoint, messageId: number): void {
    for (const observer of this.byKey.values()) {
      if (observer.request.from !== from || observer.lastNonId !== messageId) continue;
      this.remove(observer);
      return;
    }
  }

  clear(): void {
    for (const observer of this.byKey.values()) this.remove(observer);
  }
}

export function nextSequence(observer: ServerObserver): number {
  return (observer.sequence + 1) & sequenceMask;
}

/** As the registration, with a CON now and then. */
export function notificationType(observer: ServerObserver): number {
  const isPeriodic = observer.sequence % confirmableEvery === 0;
  return observer.request.type === messageType.con || isPeriodic ? messageType.con : messageType.non;
}

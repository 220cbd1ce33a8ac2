/** What all nodes answered, within one bound: docs/reference/http.md#cache. */
import type { NodePort } from '../registry/node.ts';
import type { ObservationHub } from '../registry/observation-hub.ts';
import { type CacheCounters, CachedNode } from './cached-node.ts';
import { createStore, type StoreBounds } from './store.ts';

export interface CacheOptions extends Partial<StoreBounds> {
  /** Milliseconds, monotonic (default performance.now). */
  readonly now?: () => number;
}

export interface CacheStatistics extends Readonly<CacheCounters> {
  readonly entries: number;
  readonly bytes: number;
}

export interface Cache {
  /** For `RegistryOptions`. */
  inFront(node: NodePort, observations: ObservationHub): NodePort;
  readonly statistics: CacheStatistics;
}

const defaults: StoreBounds = {
  maxEntries: 4_096,
  maxBytes: 16 * 1024 * 1024,
  maxPayload: 1024 * 1024,
};

export function createCache({ now = () => performance.now(), ...bounds }: CacheOptions = {}): Cache {
  const store = createStore({ ...defaults, ...bounds });
  const counters: CacheCounters = { hits: 0, misses: 0, shared: 0, revalidated: 0 };
  return {
    inFront: (node, observations) =>
      new CachedNode({ node, shelf: store.openShelf(), observations, counters, now }),
    get statistics() {
      return { ...counters, entries: store.entries, bytes: store.bytes };
    },
  };
}

/** Fresh answers of nodes without the nodes. */

export * from './cache.ts';
export type { CacheCounters } from './cached-node.ts';

/** Links: one port, an adapter per transport. */

export type * from './adapters.ts';
export * from './link.ts';

/** Messages between nodes and the names they go to: docs/reference/wire.md#messages. */
export * from './destination.ts';
export * from './envelope.ts';
export * from './outside.ts';

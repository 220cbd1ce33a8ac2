/** Patterns of names and destinations: docs/reference/runtime-interface.md#patterns. */
export { type Pattern, parsePattern } from './pattern.ts';

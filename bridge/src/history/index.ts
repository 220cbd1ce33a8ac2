/** Readings that were observed, kept for those who come later. */
export * from './history.ts';
export * from './listed-resources.ts';
export type { TimedRecord } from './series.ts';

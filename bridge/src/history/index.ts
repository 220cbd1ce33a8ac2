/** Readings that were observed, kept for those who come later. */
export * from './history.ts';
export { type JournalFolder, openJournalFolder } from './journal.ts';
export { observeListed } from './listed-resources.ts';
export type { TimedRecord } from './series.ts';

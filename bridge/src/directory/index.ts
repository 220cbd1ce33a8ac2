/** A resource directory (RFC 9176): who registered, what they said, for how long. */
export * from './directory.ts';
export * from './lookup.ts';
export * from './parameters.ts';
export * from './registered-links.ts';
export * from './registration-store.ts';

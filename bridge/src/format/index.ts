/** Representations of nodes in other formats, for people and browsers. */
export * from './json-line.ts';
export * from './transcode.ts';

export * from './snapshot.ts';
export * from './snapshot-codec.ts';

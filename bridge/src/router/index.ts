/** Messages and requests between nodes. */
export * from './router.ts';

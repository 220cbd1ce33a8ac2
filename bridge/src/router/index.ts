/** Messages and requests between nodes. */
export { hopsAfter } from './node-requests.ts';
export type { OutsideRequests } from './outside-requests.ts';
export * from './outside-uri.ts';
export * from './router.ts';

/** Messages and requests between nodes. */
export { createDelayedUpstream } from './delayed-upstream.ts';
export { hopsAfter } from './node-requests.ts';
export type { OutsideRequests } from './outside-requests.ts';
export * from './outside-uri.ts';
export * from './router.ts';

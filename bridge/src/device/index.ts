/** One board: reach it, push to it, read its log. `pushImage`, `readLog` and `followLog` take any node. */
export * from './device.ts';
export type { BridgeIdentity } from './lease.ts';
export * from './log-lines.ts';
export * from './logger.ts';
export * from './push.ts';
export { createUpstreamServer, type UpstreamServer } from './upstream-server.ts';
export * from './wait.ts';

/** Links: one port, an adapter per transport. */
export type * from './adapters.ts';
export * from './clock.ts';
export * from './link.ts';
export { createMemoryLinks } from './memory.ts';
export * from './multicast.ts';
export { createReconnectingLink } from './reconnecting.ts';
export { openSerialLink } from './serial.ts';
export { encodeFrame, FrameDecoder, type FrameSink } from './slipmux.ts';
export { openStreamLink } from './stream.ts';
export { openUdpClient, openUdpServer } from './udp.ts';

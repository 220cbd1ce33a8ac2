/** CoAP: codec, message layer, client, server. Pure: everything outside comes in through a `Link` and a `CoapClock`. */
export * from './codes.ts';
export * from './errors.ts';
export * from './formats.ts';
export * from './options.ts';
export { ReceivedMessage } from './received.ts';
export type * from './types.ts';

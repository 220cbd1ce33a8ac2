/** CoAP: codec, message layer, client, server. Pure: everything outside comes in through a `Link` and a `CoapClock`. */
export * from './blocks.ts';
export {
  encodeMessage,
  type MessageParts,
  ParsedMessage,
  type ParseOutcome,
  parseMessage,
  parseOutcome,
} from './codec.ts';
export * from './codes.ts';
export { createCoapContext } from './context.ts';
export * from './errors.ts';
export * from './formats.ts';
export { createHop, type HopOptions } from './hop.ts';
export * from './link-format.ts';
export { createCoapLoadClient, type LoadOptions, type LoadResult, runLoad } from './load.ts';
export * from './options.ts';
export { createCoapPool } from './pool.ts';
export { protocolProblem } from './problem.ts';
export { ReceivedMessage } from './received.ts';
export type * from './types.ts';

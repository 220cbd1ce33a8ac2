/** The bridge library; each folder is also an entry of its own, for example `@radon/bridge/coap`. */
export * from './crypto/index.ts';
export * from './device/index.ts';
export * from './fields/index.ts';
export * from './image/index.ts';
export * from './problem/index.ts';
export * from './registry/index.ts';
export * from './senml/index.ts';
export * from './tables/index.ts';

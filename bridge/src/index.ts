/** The bridge library; each folder is also an entry of its own, for example `@radon/bridge/coap`. */
export * from './problem/index.ts';
export * from './registry/index.ts';
export * from './tables/index.ts';

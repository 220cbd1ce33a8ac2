/** Who offers a resource type, and requests to whoever does. */
export * from './aggregate.ts';
export * from './fail-over.ts';
export type { Provider } from './provider.ts';
export * from './services.ts';

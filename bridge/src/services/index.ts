/** Who offers a resource type, and requests to whoever does. */
export { type Aggregate, aggregateResponse } from './aggregate.ts';
export * from './fail-over.ts';
export { hasOurFieldsAt, type Provider } from './provider.ts';
export * from './selection.ts';
export type { ServiceResponse } from './service-observation.ts';
export * from './services.ts';

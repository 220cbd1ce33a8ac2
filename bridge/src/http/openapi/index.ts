export { describeRoutes } from './document.ts';
export type { SchemaName } from './schemas.ts';

/** `/openapi.json`. */
import type { Registry } from '../../registry/registry.ts';
import { listLinks } from '../../registry/tree.ts';
import { jsonReply } from '../message.ts';
import { describeRoutes } from '../openapi/index.ts';
import type { Route } from './route.ts';

/** Describes itself and all other rows. */
export function descriptionRoute(registry: Registry, others: readonly Route[]): Route {
  const row: Route = {
    path: '/openapi.json',
    methods: ['GET'],
    right: 'read',
    summary: 'These paths and the resources of every node, as OpenAPI 3.1',
    produces: ['application/json'],
    handle: async () =>
      jsonReply(200, describeRoutes([...others, row], await listLinks(registry)), {
        'cache-control': 'max-age=0',
      }),
  };
  return row;
}

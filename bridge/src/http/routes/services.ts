/** Resources by their type. */
import type { Registry } from '../../registry/registry.ts';
import { createServices } from '../../services/index.ts';
import { type HttpRequest, jsonReply } from '../message.ts';
import { readMethods, writeMethods } from '../node-request.ts';
import { isAll, requestAll, requestService } from '../services.ts';
import type { Target } from '../target.ts';
import type { Route } from './route.ts';

export function serviceRoutes(registry: Registry): readonly Route[] {
  const services = createServices(registry);
  const handle = (request: HttpRequest, target: Target) =>
    target.query.some(isAll)
      ? requestAll(request, target, services)
      : requestService(request, target, services);
  return [
    {
      path: '/services',
      methods: ['GET'],
      right: 'read',
      summary: 'Resource types and the resources that have them',
      produces: ['application/json'],
      handle: async () => jsonReply(200, await services.list(), { 'cache-control': 'max-age=0' }),
    },
    {
      path: '/services/{rt}',
      methods: readMethods,
      right: 'read',
      summary: 'Reads a resource of this type on whichever node has it',
      query: [{ name: 'all', summary: 'What every provider says, with figures over their readings' }],
      handle,
    },
    {
      path: '/services/{rt}',
      methods: writeMethods,
      right: 'write',
      summary: 'Changes a resource of this type on one node',
      handle,
    },
  ];
}

/** Resources by their type. */
import { splitTags } from '../../registry/tags.ts';
import type { Services } from '../../services/index.ts';
import { type EventStreamOptions, openEventStream, wantsStream } from '../event-stream.ts';
import { type HttpRequest, jsonReply } from '../message.ts';
import { readMethods, writeMethods } from '../node-request.ts';
import { observedService, requestService } from '../services.ts';
import type { Target } from '../target.ts';
import type { Route } from './route.ts';

const tagArgument = { name: 'tag', summary: 'Of nodes with this tag; may be repeated' };

export function serviceRoutes(services: Services, streams: EventStreamOptions): readonly Route[] {
  const handle = (request: HttpRequest, target: Target) =>
    wantsStream(request)
      ? openEventStream(request, observedService(request, target, services), streams)
      : requestService(request, target, services);
  const list: Route['handle'] = async (_request, { query }) =>
    jsonReply(200, await services.list(splitTags(query).tags), { 'cache-control': 'max-age=0' });
  return [
    {
      path: '/services',
      methods: ['GET'],
      right: 'read',
      summary: 'Resource types and the resources that have them',
      query: [tagArgument],
      produces: ['application/json'],
      handle: list,
    },
    {
      path: '/services/{rt}',
      methods: readMethods,
      right: 'read',
      summary: 'Reads or streams a resource of this type on whichever node has it',
      query: [
        { name: 'all', summary: 'What every provider says, with figures over their readings' },
        tagArgument,
      ],
      handle,
    },
    {
      path: '/services/{rt}',
      methods: writeMethods,
      right: 'write',
      summary: 'Changes a resource of this type on one node',
      query: [tagArgument],
      handle,
    },
  ];
}

/** Many streams and requests over one connection. */
import { type Ask, liveReply } from '../live.ts';
import type { Route } from './route.ts';

export function liveRoutes(ask: Ask): readonly Route[] {
  return [
    {
      path: '/live',
      methods: ['GET'],
      right: 'read',
      summary: 'Streams and requests over one WebSocket',
      produces: [],
      handle: (request) => liveReply(request, ask),
    },
  ];
}

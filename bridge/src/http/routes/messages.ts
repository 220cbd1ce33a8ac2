/** Messages to atoms. */
import type { Upstream } from '../../registry/node.ts';
import { sendMessage } from '../node-proxy.ts';
import type { Route } from './route.ts';

export function messageRoutes(messages: Pick<Upstream, 'request'>): readonly Route[] {
  const handle: Route['handle'] = (request, target) => sendMessage(request, target, messages);
  const methods = ['POST'] as const;
  return [
    { path: '/m/{name}', methods, right: 'write', summary: 'Sends an atom or an alias a message', handle },
    {
      path: '/m/{node}/{name}',
      methods,
      right: 'write',
      summary: 'Sends an atom on this node a message',
      handle,
    },
  ];
}

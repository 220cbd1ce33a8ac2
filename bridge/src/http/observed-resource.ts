import { hasOurFields, jsonLine } from '../format/index.ts';
import type { NodeRequest, Observation, ObservationListener } from '../registry/node.ts';
import { method } from '../tables/index.ts';
import { type ObservedResource, observedFormatOf } from './event-stream.ts';
import type { HttpRequest } from './message.ts';
import type { ProxyTarget } from './node-target.ts';
import { formatPath } from './target.ts';

const noPayload = new Uint8Array(0);

/** The resource of a node, or of a server outside, that a stream tells of. */
export function observedResource(
  request: HttpRequest,
  target: ProxyTarget,
  observe: (asked: NodeRequest, listener: ObservationListener) => Observation,
): ObservedResource {
  const { server, base, path, query, isNode } = target;
  const accept = observedFormatOf(request);
  const asked = { method: method.GET, path, query, payload: noPayload, accept };
  const hasOurs = hasOurFields(target);
  return {
    owner: server.name,
    href: base + formatPath(path),
    path: isNode ? path : [],
    observe: (listener) => observe(asked, listener),
    dataOf: (response) => jsonLine(response, hasOurs, server.name),
  };
}

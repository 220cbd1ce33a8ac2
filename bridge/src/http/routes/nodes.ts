/** Nodes and what is on them. */
import type { History } from '../../history/index.ts';
import { controlResources } from '../../registry/control-resources.ts';
import type { Registry } from '../../registry/registry.ts';
import { type EventStreamOptions, openEventStream, wantsStream } from '../event-stream.ts';
import { historyReply } from '../history.ts';
import type { HttpRequest } from '../message.ts';
import { proxyRequest, repeatKept } from '../node-proxy.ts';
import { readMethods, writeMethods } from '../node-request.ts';
import { type NodeTarget, nodeTargetOf } from '../node-target.ts';
import { observedResource } from '../observed-resource.ts';
import type { Target } from '../target.ts';
import { nodeOf, nodeStateRoutes } from './node-states.ts';
import type { HttpMethod, Route } from './route.ts';

export interface NodeRouteOptions {
  readonly registry: Registry;
  /** What was observed (default: nothing). */
  readonly history?: Pick<History, 'find'>;
}

export function nodeRoutes(options: NodeRouteOptions, streams: EventStreamOptions): readonly Route[] {
  const { registry } = options;
  const proxy = (request: HttpRequest, target: Target) => proxyRequest(request, targetAt(registry, target));
  return [
    ...controlRoutes(proxy),
    {
      path: '/nodes/{node}/{path...}',
      methods: readMethods,
      right: 'read',
      summary: 'Reads or streams a resource of a node',
      query: [
        {
          name: 'since',
          summary: 'Observed readings after this time, seconds since 1970 or relative to now',
        },
        { name: 'limit', summary: 'The newest so many of them' },
      ],
      handle: reader(options, streams),
      repeat: (target) => repeatKept(targetAt(registry, target)),
    },
    {
      path: '/nodes/{node}/{path...}',
      methods: writeMethods,
      right: 'write',
      summary: 'Changes a resource of a node',
      handle: proxy,
    },
    ...nodeStateRoutes(registry, streams),
  ];
}

/** RadonError NO_SUCH_NODE. */
function targetAt(registry: Registry, target: Target): NodeTarget {
  return nodeTargetOf(nodeOf(registry, target.segments), target);
}

/** What a node runs and whose it is, and what an atom has in memory. */
function controlRoutes(handle: Route['handle']): readonly Route[] {
  const rows = (name: string, methods: readonly HttpMethod[], summary: string): readonly Route[] =>
    [`/nodes/{node}/${name}`, `/nodes/{node}/${name}/{path...}`].map((path) => ({
      path,
      methods,
      right: 'admin',
      summary,
      handle,
    }));
  return [
    ...rows('atoms/{name}/snapshot', readMethods, 'Reads the memory of a frozen atom'),
    ...controlResources.flatMap((name) => rows(name, writeMethods, 'Controls the node')),
  ];
}

/** GET and HEAD; `Accept: text/event-stream` or a WebSocket observes. */
function reader({ registry, history }: NodeRouteOptions, streams: EventStreamOptions): Route['handle'] {
  return (request, whole) => {
    const target = targetAt(registry, whole);
    if (!wantsStream(request))
      return (history && historyReply(request, target, history)) ?? proxyRequest(request, target);
    const resource = observedResource(request, target, (asked, listener) =>
      registry.observations.observe(target.server, asked, listener),
    );
    return openEventStream(request, resource, streams);
  };
}

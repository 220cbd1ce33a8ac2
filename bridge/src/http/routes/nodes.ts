/** Nodes and what is on them. */
import type { History } from '../../history/index.ts';
import { RadonError } from '../../problem/error.ts';
import type { NodePort } from '../../registry/node.ts';
import type { Registry } from '../../registry/registry.ts';
import { splitTags } from '../../registry/tags.ts';
import { createEventChannel } from '../event-channel.ts';
import { type EventStreamOptions, eventFormatOf, openEventStream, wantsStream } from '../event-stream.ts';
import { historyReply } from '../history.ts';
import { type HttpRequest, jsonReply } from '../message.ts';
import { proxyRequest } from '../node-proxy.ts';
import { controlResources, readMethods, writeMethods } from '../node-request.ts';
import { nodeTargetOf } from '../node-target.ts';
import { observedResource } from '../observed-resource.ts';
import type { Target } from '../target.ts';
import type { HttpMethod, Route } from './route.ts';

export interface NodeRouteOptions {
  readonly registry: Registry;
  /** What was observed (default: nothing). */
  readonly history?: Pick<History, 'find'>;
}

const noCache = { 'cache-control': 'max-age=0' };
const json = ['application/json'];

export function nodeRoutes(options: NodeRouteOptions, streams: EventStreamOptions): readonly Route[] {
  const { registry } = options;
  const state = (_request: HttpRequest, { segments }: Target) =>
    jsonReply(200, registry.stateOf(nodeOf(registry, segments)), noCache);
  const proxy = (request: HttpRequest, target: Target) =>
    proxyRequest(request, nodeTargetOf(nodeOf(registry, target.segments), target));
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
    },
    {
      path: '/nodes/{node}/{path...}',
      methods: writeMethods,
      right: 'write',
      summary: 'Changes a resource of a node',
      handle: proxy,
    },
    {
      path: '/nodes/{node}',
      methods: ['GET'],
      right: 'read',
      summary: 'State of a node',
      produces: json,
      schema: 'NodeState',
      handle: state,
    },
    {
      path: '/nodes',
      methods: ['GET'],
      right: 'read',
      summary: 'Reads or streams the states of all nodes',
      query: [{ name: 'tag', summary: 'Nodes with this tag; may be repeated' }],
      produces: json,
      handle: lister(options, streams),
    },
  ];
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

/** All nodes; a stream of them tells of every node that comes, goes, is lost or is back. */
function lister({ registry }: NodeRouteOptions, streams: EventStreamOptions): Route['handle'] {
  return (request, { query }) => {
    const { tags } = splitTags(query);
    const states = () => registry.list(tags).map(registry.stateOf);
    if (!wantsStream(request)) return jsonReply(200, states(), noCache);
    const format = eventFormatOf(request);
    const channel = createEventChannel({ ...streams, format });
    return format.reply((sink) => {
      const put = () => channel.put(() => JSON.stringify(states()));
      put();
      return channel.attach(sink, registry.watch(put));
    });
  };
}

/** GET and HEAD; `Accept: text/event-stream` or a WebSocket observes. */
function reader({ registry, history }: NodeRouteOptions, streams: EventStreamOptions): Route['handle'] {
  return (request, whole) => {
    const target = nodeTargetOf(nodeOf(registry, whole.segments), whole);
    if (!wantsStream(request))
      return (history && historyReply(request, target, history)) ?? proxyRequest(request, target);
    const resource = observedResource(request, target, (asked, listener) =>
      registry.observations.observe(target.server, asked, listener),
    );
    return openEventStream(request, resource, streams);
  };
}

function nodeOf(registry: Registry, [, name = '']: readonly string[]): NodePort {
  const node = registry.get(name);
  if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name });
  return node;
}

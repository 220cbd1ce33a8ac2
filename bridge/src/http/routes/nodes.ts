/** Nodes and what is on them. */
import type { History } from '../../history/index.ts';
import { RadonError } from '../../problem/error.ts';
import type { NodePort } from '../../registry/node.ts';
import type { Registry } from '../../registry/registry.ts';
import { parseAccept } from '../accept.ts';
import { createEventChannel } from '../event-channel.ts';
import { serverSentEvents, socketMessages } from '../event-format.ts';
import { openEventStream } from '../event-stream.ts';
import { historyReply } from '../history.ts';
import { type HttpRequest, headerOf, jsonReply } from '../message.ts';
import { proxyRequest } from '../node-proxy.ts';
import { controlResources, readMethods, writeMethods } from '../node-request.ts';
import { nodeTargetOf } from '../node-target.ts';
import type { Target } from '../target.ts';
import type { HttpMethod, Route } from './route.ts';

export interface NodeRouteOptions {
  readonly registry: Registry;
  /** What was observed (default: nothing). */
  readonly history?: Pick<History, 'find'>;
  /** Milliseconds between two comments of an event stream (default 15,000). */
  readonly keepAliveMs?: number;
  /** The sequence of event ids goes on after this one (default 0). */
  readonly lastEventId?: number;
}

const noCache = { 'cache-control': 'max-age=0' };
const json = ['application/json'];

export function nodeRoutes(options: NodeRouteOptions): readonly Route[] {
  const { registry } = options;
  const nextId = createEventIds(options.lastEventId);
  const state = (_request: HttpRequest, { segments }: Target) =>
    jsonReply(200, stateOf(nodeOf(registry, segments)), noCache);
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
      handle: reader(options, nextId),
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
      produces: json,
      handle: lister(options, nextId),
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

/** The bridge's sequence of event ids. */
function createEventIds(lastEventId = 0): () => number {
  return () => {
    lastEventId += 1;
    return lastEventId;
  };
}

/** All nodes; a stream of them tells of every node that comes, goes, is lost or is back. */
function lister({ registry, keepAliveMs }: NodeRouteOptions, nextId: () => number): Route['handle'] {
  const states = () => registry.list().map(stateOf);
  return (request) => {
    if (!wantsStream(request)) return jsonReply(200, states(), noCache);
    const format = formatOf(request);
    const channel = createEventChannel({ format, nextId, ...(keepAliveMs && { keepAliveMs }) });
    return format.reply((sink) => {
      const put = () => channel.put(() => JSON.stringify(states()));
      put();
      return channel.attach(sink, registry.watch(put));
    });
  };
}

/** GET and HEAD; `Accept: text/event-stream` or a WebSocket observes. */
function reader({ registry, history, keepAliveMs }: NodeRouteOptions, nextId: () => number): Route['handle'] {
  const { observations } = registry;
  return (request, whole) => {
    const target = nodeTargetOf(nodeOf(registry, whole.segments), whole);
    if (!wantsStream(request))
      return (history && historyReply(request, target, history)) ?? proxyRequest(request, target);
    const [accept] = parseAccept(headerOf(request, 'accept')).formats;
    const { signal } = request;
    return openEventStream({
      format: formatOf(request),
      observations,
      target,
      accept,
      nextId,
      signal,
      ...(keepAliveMs && { keepAliveMs }),
    });
  };
}

function wantsStream(request: HttpRequest): boolean {
  if (request.method !== 'GET') return false;
  return request.isWebSocket === true || parseAccept(headerOf(request, 'accept')).stream;
}

function formatOf({ isWebSocket }: HttpRequest) {
  return isWebSocket ? socketMessages : serverSentEvents;
}

function nodeOf(registry: Registry, [, name = '']: readonly string[]): NodePort {
  const node = registry.get(name);
  if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name });
  return node;
}

function stateOf(node: NodePort) {
  return node.state();
}

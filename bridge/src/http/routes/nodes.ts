/** Nodes and what is on them. */
import { RadonError } from '../../problem/error.ts';
import type { NodePort } from '../../registry/node.ts';
import type { Registry } from '../../registry/registry.ts';
import { parseAccept } from '../accept.ts';
import { openEventStream } from '../event-stream.ts';
import { type HttpRequest, headerOf, jsonReply } from '../message.ts';
import { proxyRequest } from '../node-proxy.ts';
import { readMethods, writeMethods } from '../node-request.ts';
import { nodeTargetOf } from '../node-target.ts';
import type { Target } from '../target.ts';
import type { Route } from './route.ts';

export interface NodeRouteOptions {
  readonly registry: Registry;
  /** Milliseconds between two comments of an event stream (default 15,000). */
  readonly keepAliveMs?: number;
}

const noCache = { 'cache-control': 'max-age=0' };
const json = ['application/json'];

export function nodeRoutes(options: NodeRouteOptions): readonly Route[] {
  const { registry } = options;
  const list = () => jsonReply(200, registry.list().map(stateOf), noCache);
  const state = (_request: HttpRequest, { segments }: Target) =>
    jsonReply(200, stateOf(nodeOf(registry, segments)), noCache);
  const proxy = (request: HttpRequest, target: Target) =>
    proxyRequest(request, nodeTargetOf(nodeOf(registry, target.segments), target));
  return [
    {
      path: '/nodes/{node}/{path...}',
      methods: readMethods,
      right: 'read',
      summary: 'Reads or streams a resource of a node',
      handle: reader(options),
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
      handle: state,
    },
    {
      path: '/nodes',
      methods: ['GET'],
      right: 'read',
      summary: 'States of all nodes',
      produces: json,
      handle: list,
    },
  ];
}

/** GET and HEAD; `Accept: text/event-stream` observes. */
function reader({ registry, keepAliveMs }: NodeRouteOptions): Route['handle'] {
  const { observations } = registry;
  let lastEventId = 0;
  const nextId = () => {
    lastEventId += 1;
    return lastEventId;
  };

  return (request, whole) => {
    const target = nodeTargetOf(nodeOf(registry, whole.segments), whole);
    if (!wantsStream(request)) return proxyRequest(request, target);
    const [accept] = parseAccept(headerOf(request, 'accept')).formats;
    const { signal } = request;
    return openEventStream({
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
  return request.method === 'GET' && parseAccept(headerOf(request, 'accept')).stream;
}

function nodeOf(registry: Registry, [, name = '']: readonly string[]): NodePort {
  const node = registry.get(name);
  if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name });
  return node;
}

function stateOf(node: NodePort) {
  return node.state();
}

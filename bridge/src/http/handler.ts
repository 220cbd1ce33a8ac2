/** The HTTP face of a bridge: docs/reference/http.md. */

import { filterLinks, formatLinks } from '../coap/link-format.ts';
import { RadonError } from '../problem/error.ts';
import type { NodePort, Upstream } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { listLinks } from '../registry/tree.ts';
import { contentFormat } from '../tables/index.ts';
import { parseAccept } from './accept.ts';
import { openEventStream } from './event-stream.ts';
import { createGuard, type GuardOptions } from './guard.ts';
import { type HttpReply, type HttpRequest, headerOf, jsonReply } from './message.ts';
import { methodOfHttp, nodeTargetOf, proxyRequest, sendMessage } from './node-proxy.ts';
import { renderPage } from './page.ts';
import { problemReply } from './problem.ts';
import { parseTarget, type Target } from './target.ts';

export interface HttpHandlerOptions extends GuardOptions {
  readonly registry: Registry;
  /** Takes messages from outside. */
  readonly messages: Pick<Upstream, 'request'>;
  /** Told what the bridge did not expect; the client gets INTERNAL_ERROR. */
  readonly onError?: (error: unknown) => void;
  /** Milliseconds between two comments of an event stream (default 15,000). */
  readonly keepAliveMs?: number;
}

/** Never rejects: every failure is a reply. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpReply>;

export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const { registry } = options;
  const checkHost = createGuard({ ...options, token: undefined });
  const guard = createGuard(options);
  let lastEventId = 0;
  const nextId = () => {
    lastEventId += 1;
    return lastEventId;
  };

  function route(request: HttpRequest): Promise<HttpReply> | HttpReply {
    const target = parseTarget(request.target);
    const [first, second] = target.segments;
    if (first === 'healthz' && second === undefined) {
      checkHost(request);
      return readOnly(request, () => health(registry));
    }
    guard(request);
    if (first === 'nodes' && second !== undefined && second !== '') return routeNode(request, target, second);
    if (first === 'm') return routeMessage(request, target);
    return readOnly(request, () => routeOwn(request, target));
  }

  function routeNode(request: HttpRequest, target: Target, name: string): Promise<HttpReply> | HttpReply {
    const node = registry.get(name);
    if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name });
    if (target.segments.length === 2) return readOnly(request, () => jsonReply(200, node.state(), noCache));
    const nodeTarget = nodeTargetOf(node, target);
    if (request.method === 'OPTIONS') return optionsReply([...methodOfHttp.keys(), 'OPTIONS'].join(', '));
    if (!wantsStream(request)) return proxyRequest(request, nodeTarget);
    const [accept] = parseAccept(headerOf(request, 'accept')).formats;
    const { keepAliveMs } = options;
    const { observations } = registry;
    const { signal } = request;
    return openEventStream({
      observations,
      target: nodeTarget,
      accept,
      nextId,
      signal,
      ...(keepAliveMs && { keepAliveMs }),
    });
  }

  function routeMessage(request: HttpRequest, target: Target): Promise<HttpReply> | HttpReply {
    if (request.method === 'POST') return sendMessage(request, target, options.messages);
    if (request.method === 'OPTIONS') return optionsReply(messageMethods);
    return notAllowed(request, messageMethods);
  }

  function routeOwn(request: HttpRequest, { segments, query }: Target): Promise<HttpReply> | HttpReply {
    const path = segments.join('/');
    if (path === '') return renderPage(registry);
    if (path === 'nodes' || path === 'nodes/') return jsonReply(200, registry.list().map(stateOf), noCache);
    if (path === '.well-known/core') return discovery(registry, request, query);
    throw new RadonError('NOT_FOUND', { name: request.target.slice(0, 200) });
  }

  return async (request) => {
    try {
      return await route(request);
    } catch (error) {
      return failureReply(error, options.onError);
    }
  };
}

const noCache = { 'cache-control': 'max-age=0' };
const readMethods = 'GET, HEAD, OPTIONS';
const messageMethods = 'POST, OPTIONS';

function stateOf(node: NodePort) {
  return node.state();
}

/** Resources of the bridge itself are only read. */
function readOnly(
  request: HttpRequest,
  read: () => Promise<HttpReply> | HttpReply,
): Promise<HttpReply> | HttpReply {
  if (request.method === 'GET' || request.method === 'HEAD') return read();
  if (request.method === 'OPTIONS') return optionsReply(readMethods);
  return notAllowed(request, readMethods);
}

function notAllowed(request: HttpRequest, allow: string): HttpReply {
  const name = request.target.slice(0, 200);
  return problemReply(new RadonError('METHOD_NOT_ALLOWED', { name, method: request.method }), { allow });
}

function optionsReply(allow: string): HttpReply {
  return { status: 204, headers: { allow }, body: '' };
}

function wantsStream(request: HttpRequest): boolean {
  return request.method === 'GET' && parseAccept(headerOf(request, 'accept')).stream;
}

function health(registry: Registry): HttpReply {
  const links = registry.list().map((node) => node.state().link);
  const nodes = {
    up: links.filter((link) => link === 'up').length,
    lost: links.filter((link) => link === 'lost').length,
  };
  return jsonReply(
    200,
    { status: 'ok', nodes, observations: registry.observations.size },
    { 'cache-control': 'no-store' },
  );
}

async function discovery(
  registry: Registry,
  request: HttpRequest,
  query: readonly string[],
): Promise<HttpReply> {
  const links = filterLinks(await listLinks(registry), query);
  const { formats } = parseAccept(headerOf(request, 'accept'));
  const headers = { ...noCache, vary: 'accept' };
  const wanted = formats.find(
    (format) => format === contentFormat.JSON || format === contentFormat.LINK_FORMAT,
  );
  if (wanted === contentFormat.JSON) {
    return jsonReply(
      200,
      links.map(({ href, attributes }) => ({ href, ...attributes })),
      headers,
    );
  }
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/link-format' },
    body: formatLinks(links),
  };
}

function failureReply(error: unknown, onError: HttpHandlerOptions['onError']): HttpReply {
  if (error instanceof RadonError) {
    return problemReply(error, error.code === 'TOKEN_REQUIRED' ? { 'www-authenticate': 'Bearer' } : {});
  }
  onError?.(error);
  return problemReply(
    new RadonError('INTERNAL_ERROR', { detail: error instanceof Error ? error.name : 'unexpected value' }),
  );
}

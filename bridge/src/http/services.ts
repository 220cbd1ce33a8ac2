/** `/services/{rt}`: requests to whichever node offers a resource type (docs/reference/http.md#services). */
import { jsonLine } from '../format/index.ts';
import { RadonError } from '../problem/error.ts';
import { controlResources } from '../registry/control-resources.ts';
import {
  type Ask as AskProvider,
  firstAnswer,
  hasOurFieldsAt,
  type Provider,
  type Selection,
  type ServiceResponse,
  type Services,
  selectionOf,
} from '../services/index.ts';
import { contentFormat } from '../tables/index.ts';
import { parseAccept } from './accept.ts';
import { isReturning, type ObservedResource, observedFormatOf } from './event-stream.ts';
import { type HttpReply, type HttpRequest, headerOf, jsonReply } from './message.ts';
import { candidatesOf, proxyRequest } from './node-proxy.ts';
import { isRead } from './node-request.ts';
import type { ProxyTarget } from './node-target.ts';
import { formatPath, type Target } from './target.ts';

const noCache = { 'cache-control': 'max-age=0' };

/** One provider answers, and the reply names it; with `?all`, every one. */
export function requestService(
  request: HttpRequest,
  { segments: [, type = ''], query }: Target,
  services: Services,
): Promise<HttpReply> {
  const selection = selectionOf(type, query);
  return selection.isAll
    ? requestAll(request, selection, services)
    : requestOne(request, selection, services);
}

async function requestOne(
  request: HttpRequest,
  selection: Selection,
  services: Services,
): Promise<HttpReply> {
  const { query } = selection;
  const accepts = candidatesOf(parseAccept(headerOf(request, 'accept')));
  const providers = await services.find(selection, accepts);
  const ask: AskProvider<HttpReply> = async (provider, signal) => {
    checkRight(request, provider);
    const reply = await proxyRequest(request, targetOf(provider, query, signal));
    return { ...reply, headers: { ...reply.headers, 'content-location': provider.href } };
  };
  if (!isRead(request.method)) return ask(providers[0]);
  return firstAnswer(providers, ask, ({ status }, provider) => {
    if (status === 404) services.forget(provider);
    return status === 404 || status >= 500;
  });
}

/** Whoever controls a node names it: that needs the right `admin`. RadonError FORBIDDEN_HERE. */
function checkRight({ method }: HttpRequest, { path: [first = ''] }: Provider): void {
  if (!isRead(method) && controlResources.includes(first)) throw new RadonError('FORBIDDEN_HERE');
}

async function requestAll(
  { method }: HttpRequest,
  selection: Selection,
  services: Services,
): Promise<HttpReply> {
  if (method !== 'GET' && method !== 'HEAD')
    throw new RadonError('BAD_REQUEST', { detail: 'the query argument all is for GET' });
  return jsonReply(200, await services.all(selection), noCache);
}

/** The resource that a stream of `/services/{rt}` tells of. */
export function observedService(
  request: HttpRequest,
  { segments, query }: Target,
  services: Services,
): ObservedResource<ServiceResponse> {
  const [, type = ''] = segments;
  const { isAll } = selectionOf(type, query);
  const accept = isAll ? contentFormat.JSON : observedFormatOf(request);
  const href = formatPath(segments);
  return {
    owner: href,
    href,
    path: [],
    observe: (listener) => services.observe(type, query, accept, listener, isReturning(request)),
    dataOf: (response) => jsonLine(response, hasOurFields(response), href),
    providerOf: ({ provider }) => provider?.href,
  };
}

function hasOurFields({ provider }: ServiceResponse): boolean {
  return provider !== undefined && hasOurFieldsAt(provider);
}

function targetOf({ node, path }: Provider, query: readonly string[], signal?: AbortSignal): ProxyTarget {
  const server: ProxyTarget['server'] = {
    name: node.name,
    request: (request) => node.request(request, signal),
    isFresh: (request) => node.isFresh?.(request) ?? false,
  };
  return { server, base: `/nodes/${node.name}`, path, query, isNode: true };
}

/** `/services/{rt}`: requests to whichever node offers a resource type (docs/reference/http.md#services). */
import { RadonError } from '../problem/error.ts';
import { errorOfResponse } from '../problem/index.ts';
import type { NodeResponse } from '../registry/node.ts';
import {
  type Ask as AskProvider,
  figuresOf,
  firstAnswer,
  type Provider,
  type Reading,
  readingOf,
  type Services,
  withPatience,
} from '../services/index.ts';
import { method } from '../tables/index.ts';
import { parseAccept } from './accept.ts';
import { eventData } from './event-stream.ts';
import { type HttpReply, type HttpRequest, headerOf, jsonReply } from './message.ts';
import { candidatesOf, proxyRequest } from './node-proxy.ts';
import { isError } from './node-reply.ts';
import { controlResources, isRead } from './node-request.ts';
import type { ProxyTarget } from './node-target.ts';
import type { Target } from './target.ts';

const noCache = { 'cache-control': 'max-age=0' };
const noPayload = new Uint8Array(0);

/** One provider answers; the reply names it. */
export async function requestService(
  request: HttpRequest,
  { segments: [, type = ''], query }: Target,
  services: Services,
): Promise<HttpReply> {
  const accepts = candidatesOf(parseAccept(headerOf(request, 'accept')));
  const providers = await services.find(type, query, accepts);
  const ask: AskProvider<HttpReply> = async (provider, signal) => {
    checkRight(request, provider);
    const reply = await proxyRequest(request, targetOf(provider, query, signal));
    return { ...reply, headers: { ...reply.headers, 'content-location': provider.href } };
  };
  if (!isRead(request.method)) {
    checkNoControl(providers[0]);
    return ask(providers[0]);
  }
  return firstAnswer(providers, ask, ({ status }, provider) => {
    if (status === 404) services.forget(provider);
    return status === 404 || status >= 500;
  });
}

/** Whoever controls a node names it: that needs another right. */
function checkNoControl({ path: [first = ''] }: Provider): void {
  if (controlResources.includes(first)) throw new RadonError('FORBIDDEN_HERE');
}

/** What needs the right `admin` at the node is asked for there. RadonError FORBIDDEN_HERE. */
function checkRight({ method: asked }: HttpRequest, { path: [first = ''] }: Provider): void {
  if (!isRead(asked) && controlResources.includes(first)) throw new RadonError('FORBIDDEN_HERE');
}

/** `?all`: what every provider says, and figures over their readings. */
export async function requestAll(
  request: HttpRequest,
  { segments: [, type = ''], query }: Target,
  services: Services,
): Promise<HttpReply> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new RadonError('BAD_REQUEST', { detail: 'the query argument all is for GET' });
  const passed = query.filter((argument) => !isAll(argument));
  const providers = [...(await services.find(type, passed, []))].sort((a, b) => (a.href < b.href ? -1 : 1));
  const answers = await Promise.all(providers.map((provider) => askOne(provider, passed)));
  const readings = answers.flatMap(({ reading }) => reading ?? []);
  const count = answers.filter(({ row }) => 'value' in row).length;
  const rows = answers.map(({ row }) => row);
  return jsonReply(200, { rt: type, count, ...figuresOf(readings), providers: rows }, noCache);
}

export function isAll(argument: string): boolean {
  return argument === 'all' || argument.startsWith('all=');
}

interface AggregateRow {
  readonly href: string;
  readonly value?: unknown;
  readonly error?: { readonly title: string; readonly detail: string };
}

interface OneAnswer {
  readonly row: AggregateRow;
  readonly reading?: Reading | undefined;
}

async function askOne(provider: Provider, query: readonly string[]): Promise<OneAnswer> {
  const { href, node, path } = provider;
  const request = { method: method.GET, path, query, payload: noPayload };
  try {
    const response = await withPatience(provider, (_, signal) => node.request(request, signal));
    if (isError(response)) throw errorOfResponse(response, node.name);
    const value = contentOf(response, targetOf(provider, query));
    return { row: { href, value }, reading: readingOf(response, Date.now() / 1000) };
  } catch (error) {
    if (!(error instanceof RadonError)) throw error;
    return { row: { href, error: { title: error.code, detail: error.message } } };
  }
}

/** As in a stream; a document that is none is text. */
function contentOf(response: NodeResponse, target: ProxyTarget): unknown {
  const text = eventData(response, target);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function targetOf({ node, path }: Provider, query: readonly string[], signal?: AbortSignal): ProxyTarget {
  const server: ProxyTarget['server'] = {
    name: node.name,
    request: (request) => node.request(request, signal),
    isFresh: (request) => node.isFresh?.(request) ?? false,
  };
  return { server, base: `/nodes/${node.name}`, path, query, isNode: true };
}

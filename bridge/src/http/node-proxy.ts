/** One HTTP request as one request to a node, and its answer back (RFC 8075). */
import { code } from '../coap/codes.ts';
import { conversionOf, standInsFor } from '../format/index.ts';
import { RadonError } from '../problem/error.ts';
import type { NodeRequest, NodeResponse, Upstream } from '../registry/node.ts';
import { method as coapMethod } from '../tables/index.ts';
import { type Acceptance, parseAccept } from './accept.ts';
import { type OnPart, replyInParts } from './body-parts.ts';
import { type HttpReply, type HttpRequest, headerOf } from './message.ts';
import { errorReply, isError, replyOf } from './node-reply.ts';
import { isRead, nodeRequestOf, requestFormat } from './node-request.ts';
import type { ProxyTarget } from './node-target.ts';
import { statusOf } from './problem.ts';
import type { Target } from './target.ts';

/** The answer to a request without streaming. */
export function proxyRequest(request: HttpRequest, target: ProxyTarget): Promise<HttpReply> | HttpReply {
  const kept = keptReply(request, target);
  if (kept !== undefined) return kept;
  const mayHaveParts = request.takesParts === true && request.method !== 'HEAD' && isRead(request.method);
  if (!mayHaveParts) return answer(request, target, undefined);
  return replyInParts(
    (onPart) => answer(request, target, onPart),
    (first) => headOf(first, request, target),
  );
}

/** What needs no turn of the event loop: a kept answer to a client that takes anything. */
function keptReply(request: HttpRequest, target: ProxyTarget): HttpReply | undefined {
  const { formats, any } = parseAccept(headerOf(request, 'accept'));
  if (target.server.kept === undefined || !isGet(request) || formats.length > 0 || !any) return undefined;
  const asked = nodeRequestOf(request, target);
  const kept = target.server.kept(asked);
  return kept && replyOf(kept, request, asked, target);
}

function isGet({ method }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

async function answer(
  request: HttpRequest,
  target: ProxyTarget,
  onPart: OnPart | undefined,
): Promise<HttpReply> {
  const asked = nodeRequestOf(request, target, onPart);
  const response = isRead(request.method)
    ? await requestAcceptable(target, asked, parseAccept(headerOf(request, 'accept')))
    : await requestOnce(target, asked);
  return replyOf(response, request, asked, target);
}

/** What a first block is the beginning of; undefined where only the whole will do. */
function headOf(first: NodeResponse, request: HttpRequest, target: ProxyTarget): HttpReply | undefined {
  const { formats } = parseAccept(headerOf(request, 'accept'));
  const isAsItIs = first.code === code.content && conversionOf(first.contentFormat, formats) === 'none';
  if (!isAsItIs) return undefined;
  const head = replyOf(first, request, nodeRequestOf(request, target), target);
  return head.status === 200 ? head : undefined;
}

/** `POST /m/{name}` and `/m/{node}/{name}`: the body is the payload of a message from outside. */
export async function sendMessage(
  request: HttpRequest,
  { segments, query }: Target,
  messages: Pick<Upstream, 'request'>,
): Promise<HttpReply> {
  const { body: payload } = request;
  const format = requestFormat(request);
  const method = coapMethod.POST;
  const response = await messages.request({ method, path: segments, query, payload, contentFormat: format });
  return isError(response)
    ? errorReply(response, segments)
    : { status: statusOf(response.code), headers: {}, body: '' };
}

/** Where a server knows no iPATCH, nothing was done: the patch is sent as PATCH. */
async function requestOnce({ server }: ProxyTarget, request: NodeRequest): Promise<NodeResponse> {
  const response = await server.request(request);
  const isUnknown = request.method === coapMethod.IPATCH && response.code === code.methodNotAllowed;
  return isUnknown ? server.request({ ...request, method: coapMethod.PATCH }) : response;
}

/** Asks for what the client takes, best first; others stand in for what a board cannot write. */
async function requestAcceptable(
  { server, base, path }: ProxyTarget,
  request: NodeRequest,
  acceptance: Acceptance,
): Promise<NodeResponse> {
  if (acceptance.formats.length === 0 && acceptance.any) return server.request(request);
  const candidates = candidatesOf(acceptance);
  const kept = candidates.findIndex((accept) => server.isFresh?.({ ...request, accept }));
  if (kept >= 0 && !request.noCache) return server.request({ ...request, accept: candidates[kept] });
  for (const accept of candidates) {
    const response = await server.request({ ...request, accept });
    if (response.code !== code.notAcceptable) return response;
  }
  throw new RadonError('NOT_ACCEPTABLE', { name: [base, ...path].join('/') });
}

const maxCandidates = 6;

/** Formats to ask for, best first; undefined stands for what the resource has by default. */
export function candidatesOf({ formats, any }: Acceptance): readonly (number | undefined)[] {
  if (formats.length === 0 && any) return [undefined];
  const all = new Set(formats.flatMap((format) => [format, ...standInsFor(format)]));
  const candidates: (number | undefined)[] = [...all].slice(0, maxCandidates);
  if (any) candidates.push(undefined);
  return candidates;
}

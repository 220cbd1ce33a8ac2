/** One HTTP request as one request to a node, and its answer back (RFC 8075). */
import { code } from '../coap/codes.ts';
import { conversionOf, standInsFor } from '../format/index.ts';
import { RadonError } from '../problem/error.ts';
import type { NodeRequest, NodeResponse, Upstream } from '../registry/node.ts';
import { method as coapMethod } from '../tables/index.ts';
import { type Acceptance, parseAccept } from './accept.ts';
import { ReplyInParts } from './body-parts.ts';
import { type HttpHead, type HttpReply, type HttpRequest, headerOf } from './message.ts';
import { errorReply, isError, replyOf } from './node-reply.ts';
import { isRead, nodeRequestOf, requestFormat } from './node-request.ts';
import type { ProxyTarget } from './node-target.ts';
import { statusOf } from './problem.ts';
import type { Repeat } from './routes/route.ts';
import type { Target } from './target.ts';

/** The answer to a request without streaming; at once where it was kept. */
export function proxyRequest(request: HttpRequest, target: ProxyTarget): Promise<HttpReply> | HttpReply {
  const mayHaveParts = request.takesParts === true && request.method !== 'HEAD' && isRead(request.method);
  const parts = mayHaveParts ? new ReplyInParts((first) => headOf(first, request, target)) : undefined;
  const asked = nodeRequestOf(request, target, parts?.onPart);
  const response = responseOf(request, target, asked);
  if (!(response instanceof Promise)) return replyOf(response, request, asked, target);
  const whole = (late: NodeResponse) => replyOf(late, request, asked, target);
  return parts === undefined ? response.then(whole) : parts.of(response, whole);
}

function responseOf(
  request: HttpRequest,
  target: ProxyTarget,
  asked: NodeRequest,
): Promise<NodeResponse> | NodeResponse {
  if (asked.method === coapMethod.IPATCH) return requestPatch(target, asked);
  if (!isRead(request.method)) return target.server.request(asked);
  return requestAcceptable(target, asked, parseAccept(headerOf(request, 'accept')));
}

const noPayload = new Uint8Array(0);
const plainGet: HttpHead = { method: 'GET', target: '', headers: {} };

/** Bytes up to which a payload is held for a reply that may come again, whatever became of the kept answer. */
const longestRepeated = 4_096;

/** What answers a GET without conditions from the same kept answer again; undefined where none is kept. */
export function repeatKept(target: ProxyTarget): Repeat | undefined {
  const { path, query } = target;
  const asked: NodeRequest = { method: coapMethod.GET, path, query, payload: noPayload };
  const kept = target.server.kept?.(asked);
  if (kept === undefined || kept.bytes > longestRepeated) return undefined;
  let last: NodeResponse | undefined;
  let reply: HttpReply | undefined;
  return () => {
    const response = kept.response();
    if (response !== last) {
      last = response;
      reply = response && replyOf(response, plainGet, asked, target);
    }
    return reply;
  };
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
async function requestPatch({ server }: ProxyTarget, request: NodeRequest): Promise<NodeResponse> {
  const response = await server.request(request);
  const isUnknown = response.code === code.methodNotAllowed;
  return isUnknown ? server.request({ ...request, method: coapMethod.PATCH }) : response;
}

/** Asks for what the client takes, best first; others stand in for what a board cannot write. */
function requestAcceptable(
  target: ProxyTarget,
  request: NodeRequest,
  acceptance: Acceptance,
): Promise<NodeResponse> | NodeResponse {
  const takesAny = acceptance.formats.length === 0 && acceptance.any;
  if (!takesAny) return requestBest(target, request, acceptance);
  return target.server.ask?.(request) ?? target.server.request(request);
}

async function requestBest(
  { server, base, path }: ProxyTarget,
  request: NodeRequest,
  acceptance: Acceptance,
): Promise<NodeResponse> {
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

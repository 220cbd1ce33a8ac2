/** `/nodes/{node}/{path…}`: one HTTP request as one request to a node, and its answer back (RFC 8075). */
import { code } from '../coap/codes.ts';
import { contentFormatOf, mediaTypeOf } from '../coap/formats.ts';
import { checkNoEnvelope } from '../message/index.ts';
import { RadonError } from '../problem/error.ts';
import type { NodePort, NodeRequest, NodeResponse, Upstream } from '../registry/node.ts';
import { method as coapMethod, contentFormat } from '../tables/index.ts';
import { type Acceptance, parseAccept } from './accept.ts';
import { allowedMethods } from './allow.ts';
import { formatEntityTag, parseContentRange, parseEntityTags, parseIfMatch } from './conditional.ts';
import { type HttpReply, type HttpRequest, headerOf } from './message.ts';
import { nodeProblemReply, statusOf } from './problem.ts';
import type { Target } from './target.ts';
import { formatPath } from './target.ts';
import { fromJson, standInsFor, toJson } from './transcode.ts';

/** HTTP methods a node can take. */
export const methodOfHttp: ReadonlyMap<string, number> = new Map<string, number>([
  ['GET', coapMethod.GET],
  ['HEAD', coapMethod.GET],
  ['POST', coapMethod.POST],
  ['PUT', coapMethod.PUT],
  ['DELETE', coapMethod.DELETE],
  ['PATCH', coapMethod.PATCH],
]);

const noPayload = new Uint8Array(0);

const retryCodes: ReadonlySet<number> = new Set([code.tooManyRequests, code.serviceUnavailable]);
const errorClass = 4;

/** Where a request goes: the node and the path below it. */
export interface NodeTarget {
  readonly node: NodePort;
  readonly path: readonly string[];
  readonly query: readonly string[];
}

/** The part of a target below `/nodes/{node}`; a final slash alone is the root of the node. */
export function nodeTargetOf(node: NodePort, target: Target): NodeTarget {
  const path = target.segments.slice(2);
  return { node, path: path.length === 1 && path[0] === '' ? [] : path, query: target.query };
}

/** The answer of a node to a request without streaming. */
export async function proxyRequest(request: HttpRequest, target: NodeTarget): Promise<HttpReply> {
  const acceptance = parseAccept(headerOf(request, 'accept'));
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const nodeRequest = isRead ? readRequest(request, target) : writeRequest(request, target);
  const response = isRead
    ? await requestAcceptable(target.node, nodeRequest, acceptance)
    : await target.node.request(nodeRequest);
  return replyOf(response, request, target, acceptance);
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
    : { status: statusOf(response.code), headers: {}, body: noPayload };
}

function readRequest(request: HttpRequest, { path, query }: NodeTarget): NodeRequest {
  const ifNoneMatch = headerOf(request, 'if-none-match');
  return {
    method: coapMethod.GET,
    path,
    query,
    payload: noPayload,
    etags: ifNoneMatch === undefined ? undefined : parseEntityTags(ifNoneMatch),
  };
}

function writeRequest(request: HttpRequest, { path, query }: NodeTarget): NodeRequest {
  const method = methodOfHttp.get(request.method);
  if (method === undefined)
    throw new RadonError('METHOD_NOT_ALLOWED', { name: 'A node', method: request.method });
  const { payload, format } = fromJson(request.body, requestFormat(request), path);
  checkNoEnvelope(path, format);
  const range = headerOf(request, 'content-range');
  return {
    method,
    path,
    query,
    payload,
    contentFormat: format,
    ifMatch: ifMatchOf(request),
    ifNoneMatch: headerOf(request, 'if-none-match')?.trim() === '*',
    part: range === undefined ? undefined : parseContentRange(range, payload.length),
  };
}

function requestFormat(request: HttpRequest): number | undefined {
  const mediaType = headerOf(request, 'content-type');
  if (mediaType === undefined || request.body.length === 0) return undefined;
  const format = contentFormatOf(mediaType);
  if (format === undefined) throw new RadonError('UNSUPPORTED_FORMAT', { name: mediaType.slice(0, 100) });
  return format;
}

function ifMatchOf(request: HttpRequest): readonly Uint8Array[] | undefined {
  const header = headerOf(request, 'if-match');
  if (header === undefined) return undefined;
  const tags = parseIfMatch(header);
  if (tags === 'nothing') throw new RadonError('PRECONDITION_FAILED', { name: header.slice(0, 100) });
  return tags;
}

/** Asks for what the client takes, best first; others stand in for JSON that a board cannot write. */
async function requestAcceptable(
  node: NodePort,
  request: NodeRequest,
  acceptance: Acceptance,
): Promise<NodeResponse> {
  if (acceptance.formats.length === 0 && acceptance.any) return node.request(request);
  for (const accept of candidatesOf(acceptance)) {
    const response = await node.request({ ...request, accept });
    if (response.code !== code.notAcceptable) return response;
  }
  throw new RadonError('NOT_ACCEPTABLE', { name: formatPath(['nodes', node.name, ...request.path]) });
}

const maxCandidates = 6;

function candidatesOf({ formats, any }: Acceptance): readonly (number | undefined)[] {
  const all = new Set(formats.flatMap((format) => [format, ...standInsFor(format)]));
  const candidates: (number | undefined)[] = [...all].slice(0, maxCandidates);
  if (any) candidates.push(undefined);
  return candidates;
}

function replyOf(
  response: NodeResponse,
  request: HttpRequest,
  target: NodeTarget,
  acceptance: Acceptance,
): HttpReply {
  if (isError(response)) return errorReply(response, target.path);
  const headers: Record<string, string> = {};
  if (response.etag !== undefined) headers.etag = formatEntityTag(response.etag);
  if (request.method === 'GET' || request.method === 'HEAD') {
    headers['cache-control'] = `max-age=${response.maxAge ?? 60}`;
    headers.vary = 'accept';
  }
  if (response.code === code.created) headers.location = locationOf(response, request, target.node);
  if (response.code === code.valid) return { status: 304, headers, body: noPayload };
  return bodyReply(response, headers, target, acceptance);
}

function bodyReply(
  response: NodeResponse,
  headers: Record<string, string>,
  { node, path }: NodeTarget,
  acceptance: Acceptance,
): HttpReply {
  const status = statusOf(response.code);
  const isEmpty = response.payload.length === 0;
  if (isEmpty && response.contentFormat === undefined) return { status, headers, body: noPayload };
  const { format, payload } = presentable(response, path, node, acceptance);
  nameContent(headers, format);
  return { status: status === 204 && !isEmpty ? 200 : status, headers, body: payload };
}

/** What atoms write is shown, never run: a browser must not take it for a page of the bridge. */
function nameContent(headers: Record<string, string>, format: number | undefined): void {
  headers['content-type'] = mediaTypeOf(format ?? contentFormat.OCTET_STREAM);
  headers['x-content-type-options'] = 'nosniff';
  headers['content-security-policy'] = "default-src 'none'; sandbox";
}

/** JSON in place of CBOR, unless the client names the format the node sent. */
function presentable(
  response: NodeResponse,
  path: readonly string[],
  node: NodePort,
  { formats }: Acceptance,
) {
  const isAsked = response.contentFormat !== undefined && formats.includes(response.contentFormat);
  if (isAsked) return { format: response.contentFormat, payload: response.payload };
  return toJson(response, path, node.name);
}

export function isError(response: NodeResponse): boolean {
  return response.code >> 5 >= errorClass;
}

/** The reply to an error of a node. */
export function errorReply(response: NodeResponse, path: readonly string[]): HttpReply {
  const headers: Record<string, string> = {};
  if (retryCodes.has(response.code) && response.maxAge !== undefined)
    headers['retry-after'] = String(response.maxAge);
  if (isProblem(response)) return withAllow(nodeProblemReply(response, headers), response, path);
  nameContent(headers, response.contentFormat);
  return withAllow({ status: statusOf(response.code), headers, body: response.payload }, response, path);
}

/** An atom may answer an error with a document of its own, which is passed on. */
function isProblem({ contentFormat: format, payload }: NodeResponse): boolean {
  return payload.length === 0 || format === undefined || format === contentFormat.PROBLEM_DETAILS;
}

/** 405 wants `Allow` (RFC 9110 section 15.5.6); where it is not known, the status is 400 (RFC 8075 table 2). */
function withAllow(reply: HttpReply, response: NodeResponse, path: readonly string[]): HttpReply {
  if (response.code !== code.methodNotAllowed) return reply;
  const allow = allowedMethods(path);
  if (allow === undefined) return { ...reply, status: 400 };
  return { ...reply, status: 405, headers: { ...reply.headers, allow } };
}

/** Location-Path is relative to the node; without one, a 2.01 to a PUT means the path itself. */
function locationOf(response: NodeResponse, request: HttpRequest, node: NodePort): string {
  if (response.location === undefined) return request.target;
  return formatPath(['nodes', node.name, ...response.location]);
}

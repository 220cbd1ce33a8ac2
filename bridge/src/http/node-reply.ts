/** The answer of a node as an HTTP reply (docs/reference/http.md#status). */
import { code } from '../coap/codes.ts';
import { mediaTypeOf } from '../coap/formats.ts';
import { type Content, conversionOf, hasOurFields, toCbor, toJson } from '../format/index.ts';
import { RadonError } from '../problem/error.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { hasDotSegment } from '../registry/uri-parts.ts';
import { contentFormat } from '../tables/index.ts';
import { type Acceptance, parseAccept } from './accept.ts';
import { allowedMethods } from './allow.ts';
import { formatEntityTag, isNamed } from './conditional.ts';
import { type HttpHead, type HttpReply, headerOf } from './message.ts';
import { isRead } from './node-request.ts';
import type { ProxyTarget } from './node-target.ts';
import { nodeProblemReply, statusOf } from './problem.ts';
import { formatPath, formatQuery } from './target.ts';

const noPayload = new Uint8Array(0);
const retryCodes: ReadonlySet<number> = new Set([code.tooManyRequests, code.serviceUnavailable]);
const errorClass = 4;
/** RFC 7252 section 5.10.5. */
const defaultMaxAge = 60;

/** RadonError BAD_ANSWER for what no client could make sense of. */
export function replyOf(
  response: NodeResponse,
  request: HttpHead,
  asked: NodeRequest,
  target: ProxyTarget,
): HttpReply {
  if (isError(response)) return errorReply(response, target.isNode ? target.path : []);
  checkWanted(response, asked, target);
  const headers: Record<string, string> = {};
  if (response.etag !== undefined) headers.etag = formatEntityTag(response.etag);
  if (isRead(request.method)) {
    headers['cache-control'] = `max-age=${response.maxAge ?? defaultMaxAge}`;
    headers.vary = 'accept';
    if (response.age !== undefined) headers.age = String(response.age);
  }
  if (response.code === code.created) headers.location = locationOf(response, request, target.base);
  if (isHeld(response, request)) return { status: 304, headers, body: noPayload };
  return bodyReply(response, headers, target, parseAccept(headerOf(request, 'accept')));
}

export function isError(response: NodeResponse): boolean {
  return response.code >> 5 >= errorClass;
}

/** The reply to an error; `path` is that of a node's resource, whose methods are known. */
export function errorReply(response: NodeResponse, path: readonly string[]): HttpReply {
  const headers: Record<string, string> = {};
  if (retryCodes.has(response.code) && response.maxAge !== undefined)
    headers['retry-after'] = String(response.maxAge);
  if (isProblem(response)) return withAllow(nodeProblemReply(response, headers), response, path);
  nameContent(headers, response.contentFormat);
  headers['cache-control'] = 'no-store';
  return withAllow({ status: statusOf(response.code), headers, body: response.payload }, response, path);
}

/** 2.31 answers a piece, 2.03 a request with entity tags, and nothing else. */
function checkWanted(response: NodeResponse, asked: NodeRequest, { server }: ProxyTarget): void {
  const isStray =
    (response.code === code.continue && asked.part === undefined) ||
    (response.code === code.valid && (asked.etags ?? []).length === 0);
  if (isStray) throw new RadonError('BAD_ANSWER', { name: server.name, detail: 'it fits no request' });
}

/** Whether the client has this representation: the node says so, or sent its tag with it. */
function isHeld(response: NodeResponse, request: HttpHead): boolean {
  if (response.code === code.valid) return true;
  const ifNoneMatch = headerOf(request, 'if-none-match');
  return ifNoneMatch !== undefined && isRead(request.method) && isNamed(ifNoneMatch, response.etag);
}

function bodyReply(
  response: NodeResponse,
  headers: Record<string, string>,
  target: ProxyTarget,
  acceptance: Acceptance,
): HttpReply {
  const status = statusOf(response.code);
  const isEmpty = response.payload.length === 0;
  if (isEmpty && response.contentFormat === undefined) return { status, headers, body: noPayload };
  const { format, payload } = presentable(response, target, acceptance);
  nameContent(headers, format);
  return { status: status === 204 && !isEmpty ? 200 : status, headers, body: payload };
}

/** What atoms write is shown, never run: a browser must not take it for a page of the bridge. */
function nameContent(headers: Record<string, string>, format: number | undefined): void {
  headers['content-type'] = mediaTypeOf(format ?? contentFormat.OCTET_STREAM);
  headers['x-content-type-options'] = 'nosniff';
  headers['content-security-policy'] = "default-src 'none'; sandbox";
}

function presentable(response: NodeResponse, target: ProxyTarget, { formats }: Acceptance): Content {
  const conversion = conversionOf(response.contentFormat, formats);
  if (conversion === 'none') return { format: response.contentFormat, payload: response.payload };
  const known = response.age === undefined ? undefined : convertedBefore.get(response.payload);
  if (known !== undefined) return known;
  const convert = conversion === 'to CBOR' ? toCbor : toJson;
  const content = convert(response, hasOurFields(target), target.server.name);
  if (response.age !== undefined) convertedBefore.set(response.payload, content);
  return content;
}

/** What was made of payloads that the cache keeps, as long as it keeps them. */
const convertedBefore = new WeakMap<Uint8Array, Content>();

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

/** Relative to who answered; without a Location-Path, a 2.01 means the path itself. */
function locationOf(response: NodeResponse, request: HttpHead, base: string): string {
  const { location, locationQuery = [] } = response;
  if (location === undefined) return request.target;
  if (hasDotSegment(location))
    throw new RadonError('BAD_ANSWER', { name: base, detail: 'its location leads elsewhere' });
  return base + formatPath(location) + formatQuery(locationQuery);
}

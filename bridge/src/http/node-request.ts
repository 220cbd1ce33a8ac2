/** One HTTP request as a request to a node (docs/reference/http.md#methods). */
import { contentFormatOf } from '../coap/formats.ts';
import { fromJson, hasOurFields } from '../format/index.ts';
import { checkNoEnvelope } from '../message/index.ts';
import { RadonError } from '../problem/error.ts';
import type { NodeRequest } from '../registry/node.ts';
import { method as coapMethod } from '../tables/index.ts';
import type { OnPart } from './body-parts.ts';
import { parseContentRange, parseEntityTags, parseIfMatch } from './conditional.ts';
import { type HttpRequest, headerOf } from './message.ts';
import type { ProxyTarget } from './node-target.ts';
import type { HttpMethod } from './routes/route.ts';

/** Safe methods of HTTP that a node can take; HEAD is GET there. */
export const readMethods: readonly HttpMethod[] = ['GET', 'QUERY'];
/** Methods that may change something. */
export const writeMethods: readonly HttpMethod[] = ['POST', 'PUT', 'DELETE', 'PATCH'];

const methodOfHttp: ReadonlyMap<string, number> = new Map<string, number>([
  ['GET', coapMethod.GET],
  ['HEAD', coapMethod.GET],
  ['QUERY', coapMethod.FETCH],
  ['POST', coapMethod.POST],
  ['PUT', coapMethod.PUT],
  ['DELETE', coapMethod.DELETE],
  ['PATCH', coapMethod.PATCH],
]);

/** `application/merge-patch+json`, `application/senml-etch+json` and `+cbor`: patches that do the same a second time. */
const idempotentPatches: ReadonlySet<number | undefined> = new Set([52, 320, 322]);

const noPayload = new Uint8Array(0);

/** Whether a method changes nothing, so that it may be asked again in another way. */
export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'QUERY';
}

/** `onPart` is for safe requests. RadonError for what no node could understand. */
export function nodeRequestOf(request: HttpRequest, target: ProxyTarget, onPart?: OnPart): NodeRequest {
  return isRead(request.method) ? readRequest(request, target, onPart) : writeRequest(request, target);
}

/** The content-format of a request's body, undefined where there is no body. */
export function requestFormat(request: HttpRequest): number | undefined {
  const mediaType = headerOf(request, 'content-type');
  if (request.body.length === 0) return undefined;
  const coding = headerOf(request, 'content-encoding') ?? 'identity';
  if (coding !== 'identity') throw unsupported(coding);
  if (mediaType === undefined) return undefined;
  const format = contentFormatOf(mediaType);
  if (format === undefined) throw unsupported(mediaType);
  return format;
}

function readRequest(request: HttpRequest, target: ProxyTarget, onPart: OnPart | undefined): NodeRequest {
  const { path, query } = target;
  const ifNoneMatch = headerOf(request, 'if-none-match');
  const read = {
    method: coapMethod.GET,
    path,
    query,
    payload: noPayload,
    onPart,
    etags: ifNoneMatch === undefined ? undefined : parseEntityTags(ifNoneMatch),
    noCache: wantsNews(request),
  };
  return request.method === 'QUERY' ? { ...read, ...fetchContent(request, target) } : read;
}

/** RFC 9111 section 5.2.1: what makes a kept answer unwelcome. */
const noKeptAnswer = /(?:^|,)\s*(?:no-cache|no-store|max-age=0)\s*(?:,|$)/i;

function wantsNews(request: HttpRequest): boolean | undefined {
  const control = headerOf(request, 'cache-control');
  return control === undefined ? undefined : noKeptAnswer.test(control);
}

function fetchContent(request: HttpRequest, target: ProxyTarget): Partial<NodeRequest> {
  if (headerOf(request, 'content-type') === undefined)
    throw new RadonError('BAD_REQUEST', { detail: 'a QUERY needs a Content-Type' });
  const asked = requestFormat(request);
  const { payload, format } = fromJson(request.body, asked, hasOurFields(target));
  return { method: coapMethod.FETCH, payload, contentFormat: format };
}

function writeRequest(request: HttpRequest, target: ProxyTarget): NodeRequest {
  const { path, query } = target;
  const { payload, format } = fromJson(request.body, requestFormat(request), hasOurFields(target));
  checkNoEnvelope(path, format);
  const range = headerOf(request, 'content-range');
  return {
    method: methodOf(request.method, format),
    path,
    query,
    payload,
    contentFormat: format,
    ifMatch: ifMatchOf(request),
    ifNoneMatch: headerOf(request, 'if-none-match')?.trim() === '*',
    part: range === undefined ? undefined : parseContentRange(range, payload.length),
  };
}

function methodOf(name: string, format: number | undefined): number {
  if (name === 'PATCH' && idempotentPatches.has(format)) return coapMethod.IPATCH;
  const method = methodOfHttp.get(name);
  if (method === undefined) throw new RadonError('METHOD_NOT_ALLOWED', { name: 'A node', method: name });
  return method;
}

function ifMatchOf(request: HttpRequest): readonly Uint8Array[] | undefined {
  const header = headerOf(request, 'if-match');
  if (header === undefined) return undefined;
  const tags = parseIfMatch(header);
  if (tags === 'nothing') throw new RadonError('PRECONDITION_FAILED', { name: header.slice(0, 100) });
  return tags;
}

function unsupported(name: string): RadonError {
  return new RadonError('UNSUPPORTED_FORMAT', { name: name.slice(0, 100) });
}

/** Problem details on HTTP (RFC 9457), and the mapping of CoAP response codes (RFC 8075 section 7). */
import { code, formatCode } from '../coap/codes.ts';
import { decodeProblem, type RadonError } from '../problem/index.ts';
import type { NodeResponse } from '../registry/node.ts';
import { contentFormat, errorTable } from '../tables/index.ts';
import type { HttpReply } from './message.ts';

/** RFC 8075 table 2 and what came after it; 500 stays the bridge's own. */
const statusOfCode: Readonly<Record<number, number>> = {
  [code.created]: 201,
  [code.deleted]: 204,
  [code.valid]: 304,
  [code.changed]: 204,
  [code.content]: 200,
  [code.continue]: 202,
  [code.badRequest]: 400,
  [code.unauthorized]: 403,
  [code.badOption]: 400,
  [code.forbidden]: 403,
  [code.notFound]: 404,
  [code.methodNotAllowed]: 400,
  [code.notAcceptable]: 406,
  [code.requestEntityIncomplete]: 502,
  [code.conflict]: 409,
  [code.preconditionFailed]: 412,
  [code.requestEntityTooLarge]: 413,
  [code.unsupportedContentFormat]: 415,
  [code.unprocessableEntity]: 422,
  [code.tooManyRequests]: 429,
  [code.internalServerError]: 502,
  [code.notImplemented]: 501,
  [code.badGateway]: 502,
  [code.serviceUnavailable]: 503,
  [code.gatewayTimeout]: 504,
  [code.proxyingNotSupported]: 502,
  [code.hopLimitReached]: 508,
};
const clientErrors = 4;

/** HTTP status of a CoAP response code; an unknown one is the first of its class (RFC 7252 section 5.9). */
export function statusOf(responseCode: number): number {
  return statusOfCode[responseCode] ?? (responseCode >> 5 === clientErrors ? 400 : 502);
}

/** The reply to an error of the bridge itself; `status` where HTTP has a finer one than the table. */
export function problemReply(
  error: RadonError,
  headers: Record<string, string> = {},
  status: number = errorTable[error.code].http,
): HttpReply {
  const { code: title, message: detail, remedy, details } = error;
  return problem(status, { title, detail, remedy, details }, headers);
}

/** By which the bridge speaks for itself: no node does. */
const ownStatuses: ReadonlySet<number> = new Set([401, 421, 500]);

/** The reply to an error response of a node that carries problem details, or nothing but words. */
export function nodeProblemReply(response: NodeResponse, headers: Record<string, string>): HttpReply {
  const decoded =
    response.contentFormat === contentFormat.PROBLEM_DETAILS ? decodeProblem(response.payload) : undefined;
  const row = decoded?.code === undefined ? undefined : errorTable[decoded.code];
  if (decoded === undefined || row === undefined || ownStatuses.has(row.http)) {
    const title = row === undefined ? decoded?.title : undefined;
    const members = {
      title: title ?? formatCode(response.code),
      detail: decoded?.detail ?? wordsOf(response),
    };
    return problem(statusOf(response.code), members, headers);
  }
  const { title, detail, details } = decoded;
  return problem(row.http, { title, detail, remedy: row.remedy, details }, headers);
}

interface ProblemMembers {
  readonly title: string;
  readonly detail: string;
  readonly remedy?: string;
  readonly details?: object;
}

function problem(status: number, members: ProblemMembers, headers: Record<string, string>): HttpReply {
  const type = Object.hasOwn(errorTable, members.title)
    ? `urn:radon:problem:${members.title}`
    : 'about:blank';
  const { remedy, details, ...rest } = members;
  const body = {
    type,
    status,
    ...rest,
    ...(remedy && { remedy }),
    ...(details && Object.keys(details).length > 0 && { details }),
  };
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

function wordsOf(response: NodeResponse): string {
  const text = new TextDecoder().decode(response.payload.subarray(0, 500));
  return text === '' ? `The node answered ${formatCode(response.code)}.` : text;
}

/** Problem details on HTTP (RFC 9457), and the mapping of CoAP response codes (RFC 8075 section 7). */
import { code, formatCode } from '../coap/codes.ts';
import { decodeProblem, type RadonError } from '../problem/index.ts';
import type { NodeResponse } from '../registry/node.ts';
import { contentFormat, errorTable } from '../tables/index.ts';
import type { HttpReply } from './message.ts';

/** RFC 8075 table 2; codes that stand for themselves (4.04 → 404) are not listed. */
const statusOfCode: Readonly<Record<number, number>> = {
  [code.created]: 201,
  [code.deleted]: 204,
  [code.valid]: 304,
  [code.changed]: 204,
  [code.content]: 200,
  [code.continue]: 202,
  [code.unauthorized]: 403,
  [code.badOption]: 400,
  [code.methodNotAllowed]: 400,
  [code.requestEntityIncomplete]: 409,
  [code.internalServerError]: 502,
  [code.proxyingNotSupported]: 502,
  [code.hopLimitReached]: 508,
};

/** HTTP status of a CoAP response code; 502 for codes that no registry knows. */
export function statusOf(responseCode: number): number {
  const listed = statusOfCode[responseCode];
  if (listed !== undefined) return listed;
  const codeClass = responseCode >> 5;
  const detail = responseCode & 31;
  const isKnown = (codeClass === 4 && detail <= 29) || (codeClass === 5 && detail <= 4);
  return isKnown ? codeClass * 100 + detail : 502;
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

/** The reply to an error response of a node that carries problem details, or nothing but words. */
export function nodeProblemReply(response: NodeResponse, headers: Record<string, string>): HttpReply {
  const decoded =
    response.contentFormat === contentFormat.PROBLEM_DETAILS ? decodeProblem(response.payload) : undefined;
  if (decoded?.code === undefined) {
    const title = decoded?.title ?? formatCode(response.code);
    return problem(statusOf(response.code), { title, detail: decoded?.detail ?? wordsOf(response) }, headers);
  }
  const { http, remedy } = errorTable[decoded.code];
  return problem(
    http,
    { title: decoded.title, detail: decoded.detail, remedy, details: decoded.details },
    headers,
  );
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
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify(body),
  };
}

function wordsOf(response: NodeResponse): string {
  const text = new TextDecoder().decode(response.payload.subarray(0, 500));
  return text === '' ? `The node answered ${formatCode(response.code)}.` : text;
}

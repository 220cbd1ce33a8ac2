import { decode, encode } from 'cborg';
import { code as coapCode, formatCode } from '../coap/codes.ts';
import { toHex, toKeys, toNames } from '../fields/index.ts';
import { contentFormat, type ErrorName, errorTable } from '../tables/index.ts';
import { type ErrorDetails, errorSentence, isErrorName, RadonError } from './error.ts';

/** RFC 9290 keys: -1 title, -2 detail; what fills the sentence stands under a key of our own. */
const TITLE = -1;
const DETAIL = -2;
const DETAILS = 'radon:problem';

/** Problem details as a node sent them. */
export interface ProblemDetails {
  /** Row of docs/errors.json, where the title names one. */
  readonly code?: ErrorName;
  readonly title: string;
  readonly detail: string;
  readonly details: ErrorDetails;
}

/** An error response, as far as it concerns its reader. */
export interface ErrorResponse {
  readonly code: number;
  readonly payload: Uint8Array;
  readonly contentFormat?: number | undefined;
}

export interface ProblemReply extends ErrorResponse {
  readonly contentFormat: number;
  /** Seconds. */
  readonly maxAge: number;
}

/** CBOR of content-format 257. */
export function encodeProblem(error: RadonError): Uint8Array {
  return encode(
    new Map<unknown, unknown>([
      [TITLE, error.code],
      [DETAIL, error.message],
      [DETAILS, toKeys(error.details)],
    ]),
  );
}

/** What can be tried again soon. */
const triedAgain: ReadonlySet<ErrorName> = new Set(['INBOX_FULL', 'NODE_LOST', 'RATE_LIMITED']);

/** The answer of a node or of the bridge that stands for an error. It holds for this moment only. */
export function problemReply(error: RadonError): ProblemReply {
  return {
    code: errorTable[error.code].coap,
    contentFormat: contentFormat.PROBLEM_DETAILS,
    payload: encodeProblem(error),
    maxAge: triedAgain.has(error.code) ? 1 : 0,
  };
}

/** Reads content-format 257; undefined when it is no problem document. */
export function decodeProblem(payload: Uint8Array): ProblemDetails | undefined {
  const map = decodeMap(payload);
  const title = map?.get(TITLE);
  if (map === undefined || typeof title !== 'string') return undefined;
  const detail = map.get(DETAIL);
  const details = detailsOf(map.get(DETAILS));
  if (!isErrorName(title)) return { title, detail: typeof detail === 'string' ? detail : title, details };
  return {
    code: title,
    title,
    detail: typeof detail === 'string' ? detail : errorSentence(title, details),
    details,
  };
}

/** The error a response of a node stands for, with the node's name where the sentence wants one. */
export function errorOfResponse(response: ErrorResponse, node: string): RadonError {
  const problem =
    response.contentFormat === contentFormat.PROBLEM_DETAILS ? decodeProblem(response.payload) : undefined;
  if (problem?.code !== undefined) return new RadonError(problem.code, problem.details);
  const detail = problem?.detail ?? diagnosticOf(response);
  return new RadonError('NODE_REFUSED', { name: node, code: formatCode(response.code), detail });
}

/** RFC 7252 5.5.2: the payload of an error without a content-format is a message for people. */
function diagnosticOf(response: ErrorResponse): string {
  const isText = response.contentFormat === undefined || response.contentFormat === contentFormat.TEXT;
  if (!isText || response.payload.length === 0) return meaningOf(response.code);
  const text = new TextDecoder().decode(response.payload.subarray(0, 200));
  return text.replace(/[^\P{C}]/gu, ' ').replace(/\.$/, '');
}

/** `method not allowed` of 4.05. */
function meaningOf(code: number): string {
  const name = Object.entries(coapCode).find(([, value]) => value === code)?.[0];
  return name?.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) ?? 'no reason given';
}

function decodeMap(payload: Uint8Array): Map<unknown, unknown> | undefined {
  try {
    const value: unknown = decode(payload, { useMaps: true, rejectDuplicateMapKeys: true });
    return value instanceof Map ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Only what can fill a sentence: numbers, text, truth values, and bytes as text. */
function detailsOf(map: unknown): ErrorDetails {
  const entries = map instanceof Map ? [...map].filter(([, value]) => isScalar(value)) : [];
  const named = toNames(new Map(entries)) as ErrorDetails | Record<string, Uint8Array>;
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, value instanceof Uint8Array ? toHex(value) : value]),
  );
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) || value instanceof Uint8Array;
}

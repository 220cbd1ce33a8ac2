import { formatCode } from '@radon/bridge/coap';
import {
  decodeFields,
  encodeFields,
  type FieldValue,
  formatName,
  parseFormat,
  stringifyFields,
} from '@radon/bridge/fields';
import { decodeProblem, problemReply, RadonError } from '@radon/bridge/problem';
import type { NodeRequest, NodeResponse } from '@radon/bridge/registry';
import { contentFormat, type ErrorName, errorTable, method } from '@radon/bridge/tables';

/** `POST /a/probe/echo?x accept=json text "hello"` → a request. */
export function parseRequest(action: string): NodeRequest {
  const match = /^([A-Z]+) \/([^\s?]*)(?:\?(\S*))?(?: accept=(\S+))?(?: (\S+) (.+))?$/.exec(action);
  if (match === null) throw new Error(`no request: ${action}`);
  const [, verb = '', path = '', query, accept, format, body] = match;
  if (!(verb in method)) throw new Error(`no method: ${verb}`);
  return {
    method: method[verb as keyof typeof method],
    path: path === '' ? [] : path.split('/').map(decodeURIComponent),
    query: query === undefined ? [] : query.split('&').map(decodeURIComponent),
    payload: body === undefined ? new Uint8Array(0) : parseBody(body, format ?? ''),
    ...(format === undefined || format === 'none' ? {} : { contentFormat: numberOf(format) }),
    ...(accept === undefined ? {} : { accept: numberOf(accept) }),
  };
}

/** Short names of content-formats, and `message` for those between nodes. */
function numberOf(format: string): number {
  const number = format === 'message' ? contentFormat.RADON_MESSAGE : parseFormat(format);
  if (number === undefined) throw new Error(`no content-format: ${format}`);
  return number;
}

/** `"text"`, `"text" x 100`, `hex 0102`, or a JSON document that travels as CBOR. */
function parseBody(body: string, format: string): Uint8Array {
  const repeated = /^("(?:[^"\\]|\\.)*")(?: x (\d+))?$/.exec(body);
  if (repeated !== null) {
    const text = (JSON.parse(repeated[1] ?? '""') as string).repeat(Number(repeated[2] ?? 1));
    return new TextEncoder().encode(text);
  }
  if (body.startsWith('hex ')) return new Uint8Array(Buffer.from(body.slice(4), 'hex'));
  if (format === 'cbor') return encodeFields(JSON.parse(body) as FieldValue);
  if (format === 'message') return encodeMessage(JSON.parse(body) as Record<string, FieldValue>);
  return new TextEncoder().encode(body);
}

function encodeMessage({ payload, ...rest }: Record<string, FieldValue>): Uint8Array {
  return encodeFields(
    typeof payload === 'string' ? { ...rest, payload: new TextEncoder().encode(payload) } : rest,
  );
}

/** `2.05 text "hello"`, `5.03 INBOX_FULL {"name":"x"}`, `2.04` → a response. */
export function parseResponse(text: string): NodeResponse {
  const [, code = '', format, body] = /^(\d\.\d\d)(?: (\S+))?(?: (.+))?$/.exec(text) ?? [];
  if (format !== undefined && format in errorTable) {
    const details = JSON.parse(body ?? '{}') as Record<string, string | number>;
    return problemReply(new RadonError(format as ErrorName, details));
  }
  const [kind = 0, detail = 0] = code.split('.').map(Number);
  const head = { code: kind * 32 + detail, maxAge: 0 };
  if (format === undefined || body === undefined) return { ...head, payload: new Uint8Array(0) };
  return { ...head, payload: parseBody(body, format), contentFormat: numberOf(format) };
}

/** `2.05 text "hello"`, `4.04 NOT_FOUND {"name":"x"}`, `2.04`. */
export function formatResponse({ code, payload, contentFormat: format }: NodeResponse): string {
  const head = formatCode(code);
  if (payload.length === 0) return head;
  if (format === contentFormat.PROBLEM_DETAILS) {
    const problem = decodeProblem(payload);
    const details = JSON.stringify(problem?.details ?? {});
    return `${head} ${problem?.title}${details === '{}' ? '' : ` ${details}`}`;
  }
  const name = format === undefined ? 'none' : formatName(format);
  return `${head} ${name} ${formatBody(payload, format)}`;
}

export function formatBody(payload: Uint8Array, format: number | undefined): string {
  const text = new TextDecoder().decode(payload);
  if (format === contentFormat.CBOR) return stringifyFields(decodeFields(payload));
  if (format === contentFormat.JSON || format === contentFormat.SENML_JSON) return text;
  return JSON.stringify(text);
}

/** A field of a document by its path: `inbox.done`, `instances.0.phase`. */
function fieldOf(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}

/** `phase=SUSPENDED trap=-`; with a question mark only whether it is there: `trap.offset?=yes`. */
export function showFields(document: unknown, names: readonly string[]): string {
  return names.map((name) => `${name}=${showField(document, name)}`).join(' ');
}

function showField(document: unknown, name: string): string {
  const value = fieldOf(document, name.replace(/\?$/, ''));
  if (value === undefined) return '-';
  if (name.endsWith('?')) return 'yes';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

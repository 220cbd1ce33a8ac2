/** What a client says on `/live`, and what it is told: docs/reference/http.md#websockets. */
import { RadonError } from '../problem/error.ts';
import type { HttpReply } from './message.ts';

export interface LiveRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** `number` is the client's name for the subscription or request. */
export type LiveFrame =
  | { readonly kind: 'subscribe'; readonly number: number; readonly path: string; readonly accept?: string }
  | { readonly kind: 'unsubscribe'; readonly number: number }
  | { readonly kind: 'request'; readonly number: number; readonly request: LiveRequest };

/** Headers of content; who asks and from where is told by the handshake. */
const contentHeaders = new Set(['accept', 'content-type', 'content-range', 'if-match', 'if-none-match']);
const json = 'application/json';

/** RadonError BAD_REQUEST for anything else. */
export function parseLiveFrame(text: string): LiveFrame {
  const { subscribe, unsubscribe, request, ...members } = parseObject(text);
  if (subscribe !== undefined) {
    const { accept } = members;
    const frame = { kind: 'subscribe', number: numberIn(subscribe), path: textIn(members.path) } as const;
    return accept === undefined ? frame : { ...frame, accept: textIn(accept) };
  }
  if (unsubscribe !== undefined) return { kind: 'unsubscribe', number: numberIn(unsubscribe) };
  return { kind: 'request', number: numberIn(request), request: requestIn(members) };
}

function requestIn(members: Readonly<Record<string, unknown>>): LiveRequest {
  const { method = 'GET', path, body, base64 } = members;
  const headers = headersIn(members.headers);
  const hasJson = body !== undefined && headers['content-type'] === undefined;
  return {
    method: textIn(method).toUpperCase(),
    path: textIn(path),
    headers: hasJson ? { ...headers, 'content-type': json } : headers,
    body: base64 === undefined ? encodeJson(body) : Buffer.from(textIn(base64), 'base64'),
  };
}

/** RadonError BAD_REQUEST for what is nested so deep that it can be read and not written. */
function encodeJson(body: unknown): Uint8Array {
  try {
    return new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
  } catch (cause) {
    throw malformed(cause);
  }
}

function headersIn(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null) throw malformed();
  const named = Object.entries(value).map(([name, text]) => [name.toLowerCase(), textIn(text)] as const);
  return Object.fromEntries(named.filter(([name]) => contentHeaders.has(name)));
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (cause) {
    throw malformed(cause);
  }
  throw malformed();
}

function numberIn(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw malformed();
  return value;
}

function textIn(value: unknown): string {
  if (typeof value !== 'string') throw malformed();
  return value;
}

function malformed(cause?: unknown): RadonError {
  return new RadonError('BAD_REQUEST', { detail: 'a message is none that /live knows' }, { cause });
}

/** An event of a stream as one of a subscription: the event is a JSON object. */
export function subscriptionMessage(number: number, event: string): string {
  return `{"subscription":${number},${event.slice(1)}`;
}

export function responseMessage(number: number, { status, headers, body }: HttpReply): string {
  const head = JSON.stringify({ response: number, status, headers }).slice(0, -1);
  if (body.length === 0) return `${head}}`;
  const text = jsonIn(headers['content-type'], body);
  if (text !== undefined) return `${head},"body":${text}}`;
  return `${head},"base64":"${Buffer.from(body).toString('base64')}"}`;
}

/** Why there is no stream: what the reply in its place says. */
export function refusalMessage(number: number, reply: HttpReply): string {
  const text = jsonIn(reply.headers['content-type'], reply.body);
  const { title, detail } = Object(text === undefined ? {} : JSON.parse(text)) as Record<string, unknown>;
  const reason = {
    title: typeof title === 'string' ? title : 'NOT_OBSERVABLE',
    detail: typeof detail === 'string' ? detail : '',
  };
  return JSON.stringify({ subscription: number, event: 'end', status: reply.status, ...reason });
}

/** JSON as it was written, however deep; undefined for what says it is JSON and is none, as an atom may write it. */
function jsonIn(mediaType: string | undefined, body: Uint8Array | string): string | undefined {
  if (!/^application\/([\w.-]+\+)?json\b/.test(mediaType ?? '')) return undefined;
  const text = Buffer.from(body).toString();
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

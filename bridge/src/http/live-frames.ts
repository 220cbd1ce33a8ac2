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

function encodeJson(body: unknown): Uint8Array {
  return new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
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
  return JSON.stringify({ response: number, status, headers, ...contentOf(headers['content-type'], body) });
}

/** Why there is no stream: what the reply in its place says. */
export function refusalMessage(number: number, reply: HttpReply): string {
  const { body } = contentOf(reply.headers['content-type'], reply.body);
  const { title = 'NOT_OBSERVABLE', detail = '' } = Object(body) as Record<string, unknown>;
  return JSON.stringify({ subscription: number, event: 'end', status: reply.status, title, detail });
}

interface MessageContent {
  readonly body?: unknown;
  readonly base64?: string;
}

/** What says it is JSON and is none, as an atom may write it, goes as bytes too. */
function contentOf(mediaType: string | undefined, body: Uint8Array | string): MessageContent {
  if (body.length === 0) return {};
  const bytes = Buffer.from(body);
  if (/^application\/([\w.-]+\+)?json\b/.test(mediaType ?? '')) {
    try {
      return { body: JSON.parse(bytes.toString()) };
    } catch {
      return { base64: bytes.toString('base64') };
    }
  }
  return { base64: bytes.toString('base64') };
}

/** HTTP as the handler sees it: no server, no framework, no global Request or Response. */
import type { Readable } from 'node:stream';

export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** Request target as it was sent: `/nodes/gauge-1/a/rain/level?x=1`. */
  readonly target: string;
  /** Names in lower case; a repeated header joined by ", ". */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The whole body; empty where there is none, and until `receive` has read it. */
  readonly body: Uint8Array;
  /** Reads a body that is still to come: who may not ask never makes the server keep one. RadonError TOO_LARGE or BAD_REQUEST. */
  readonly receive?: (() => Promise<void>) | undefined;
  /** Address of the client's end of the connection, a proxy's where one is between. */
  readonly client?: string | undefined;
  /** Fires when the client goes away. May be made when it is first read. */
  readonly signal: AbortSignal;
  /** Whether the reply may have `parts`; left out: it is whole. */
  readonly takesParts?: boolean;
  /** Whether the client asks for a WebSocket (RFC 6455); left out: it does not. */
  readonly isWebSocket?: boolean;
}

/** What stands at the top of a request. */
export type HttpHead = Pick<HttpRequest, 'method' | 'target' | 'headers'>;

export interface HttpReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string;
  /** A character for each byte of the body, once it was sent like that: a reply may be sent again. */
  latin1?: string;
  /** The body while it still comes, in place of `body`; where it fails, the connection is cut. */
  readonly parts?: Readable;
  /** Called once the head is sent, in place of sending `body`; the result is called when the client goes away. */
  readonly stream?: (sink: StreamSink) => () => void;
  /** The same for a WebSocket, to requests that ask for one; the status is 101. */
  readonly socket?: (sink: SocketSink) => () => void;
}

/** The body of a streamed reply. */
export interface StreamSink {
  /** False: the client reads slowly; wait for `onDrain` before the next write. */
  write(text: string): boolean;
  /** Bytes written that the client has not taken yet. */
  readonly bufferedBytes: number;
  onDrain(drained: () => void): void;
  /** Ends the reply. Idempotent. */
  end(): void;
}

/** An open WebSocket; each write is one text message. */
export interface SocketSink extends StreamSink {
  /** Text messages of the client; others end the connection. */
  onMessage(received: (text: string) => void): void;
}

/** One value of a header, undefined when it is absent. */
export function headerOf(request: Pick<HttpRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

/** Ends a streamed reply that nobody takes any more. */
export function discard({ stream, socket, parts }: HttpReply): void {
  parts?.destroy();
  (stream ?? socket)?.(goneSink)();
}

const goneSink: SocketSink = {
  write: () => false,
  bufferedBytes: 0,
  onDrain() {},
  onMessage() {},
  end() {},
};

/** A reply in JSON. */
export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): HttpReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

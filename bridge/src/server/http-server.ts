/** The HTTP handler on a socket: fastify reads requests, replies go straight to the response (no copy, no hooks). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import type { HttpHandler } from '../http/handler.ts';
import { discard, type HttpReply, type HttpRequest, type StreamSink } from '../http/message.ts';
import { problemReply } from '../http/problem.ts';
import { RadonError } from '../problem/error.ts';
import { listenOnNextPort } from './next-port.ts';
import type { TlsCredentials } from './tls.ts';
import { serveWebSockets, type WebSockets } from './web-sockets.ts';

export interface HttpServerOptions {
  readonly handler: HttpHandler;
  readonly host: string;
  /** The first port tried, a busy one is followed by the next; 0 takes any free one. */
  readonly port: number;
  /** Largest request body in bytes (default 1 MiB). */
  readonly maxBody?: number;
  /** Milliseconds a client has for head and body of a request (default 30,000). */
  readonly requestTimeoutMs?: number;
  /** Milliseconds between two pings of a WebSocket (default 15,000). */
  readonly pingMs?: number;
  /** Makes it HTTPS. */
  readonly tls?: TlsCredentials | undefined;
}

export interface HttpServer {
  readonly port: number;
  /** Of connections made from now on; only where it is HTTPS. */
  replaceTls(credentials: TlsCredentials): void;
  /** Ends connections at once, streams too. Idempotent. */
  close(): Promise<void>;
}

const defaultMaxBody = 1024 * 1024;
const defaultRequestTimeoutMs = 30_000;
const noBody = new Uint8Array(0);

export function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  return listenOnNextPort(options.host, options.port, (port) => listen(options, port));
}

async function listen(options: HttpServerOptions, port: number): Promise<HttpServer> {
  const app = createApp(options);
  try {
    await app.listen({ host: options.host, port });
    return serverOf(app, openWebSockets(app, options));
  } catch (error) {
    await app.close();
    throw error;
  }
}

function openWebSockets({ server }: FastifyInstance, { handler, pingMs }: HttpServerOptions): WebSockets {
  return serveWebSockets({
    server,
    send,
    answer: async (request, response, isWebSocket) =>
      hasBody(request)
        ? problemReply(new RadonError('BAD_REQUEST', { detail: 'an upgrade comes without a body' }))
        : handler(new NodeHttpRequest(request, response, noBody, isWebSocket)),
    ...(pingMs && { pingMs }),
  });
}

/** Node.js does not read the body of a request for an upgrade. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function serverOf(app: FastifyInstance, sockets: WebSockets): HttpServer {
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    replaceTls(credentials) {
      if (app.server instanceof TlsServer) app.server.setSecureContext(credentials);
    },
    async close() {
      sockets.close();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function createApp(options: HttpServerOptions): FastifyInstance {
  const maxBody = options.maxBody ?? defaultMaxBody;
  const requestTimeout = options.requestTimeoutMs ?? defaultRequestTimeoutMs;
  const refuse = (error: Error, request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    send(request.raw, reply.raw, problemReply(errorOfRequest(error, request, maxBody)));
  };
  const app = fastify({
    bodyLimit: maxBody,
    requestTimeout,
    ...serverOptions(options.tls, requestTimeout),
    forceCloseConnections: true,
    frameworkErrors: refuse,
    clientErrorHandler: refuseUnread,
    exposeHeadRoutes: false,
  });
  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    send(
      request.raw,
      reply.raw,
      await options.handler(new NodeHttpRequest(request.raw, reply.raw, request.body)),
    );
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler(refuse);
  app.setNotFoundHandler(serve);
  app.all('*', serve);
  return app;
}

/** Node.js ends slow requests only where the head may not take longer than the whole. */
function serverOptions(tls: TlsCredentials | undefined, requestTimeout: number) {
  const limits = {
    headersTimeout: requestTimeout,
    connectionsCheckingInterval: Math.min(requestTimeout, 5_000),
  };
  // fastify's types tell HTTP from HTTPS; requests and replies are the same.
  return tls === undefined ? { http: limits } : ({ https: { ...limits, ...tls } } as object);
}

/** A request as the handler sees it; the signal is made only for those who ask. */
class NodeHttpRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
  readonly isWebSocket: boolean;
  readonly client: string | undefined;
  readonly takesParts = true;
  readonly #response: ServerResponse;
  #controller: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, body: unknown, isWebSocket = false) {
    this.method = request.method ?? 'GET';
    this.target = request.url ?? '/';
    this.headers = request.headers;
    this.body = body instanceof Uint8Array ? body : noBody;
    this.isWebSocket = isWebSocket;
    this.client = request.socket.remoteAddress;
    this.#response = response;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      if (this.#response.destroyed) controller.abort();
      else this.#response.once('close', () => controller.abort());
    }
    return this.#controller.signal;
  }
}

function send(request: IncomingMessage, response: ServerResponse, reply: HttpReply): void {
  if (response.destroyed) discard(reply);
  else if (reply.parts !== undefined) sendParts(response, reply, reply.parts);
  else if (reply.stream !== undefined && request.method !== 'HEAD') sendStream(response, reply, reply.stream);
  else sendWhole(request, response, reply);
}

function sendWhole(request: IncomingMessage, response: ServerResponse, reply: HttpReply): void {
  const isEmpty = reply.status === 204 || reply.status === 304;
  if (!isEmpty) reply.headers['content-length'] = String(Buffer.byteLength(reply.body));
  response.writeHead(reply.status, reply.headers);
  response.end(isEmpty || request.method === 'HEAD' ? undefined : reply.body);
}

/** Chunked: how long it becomes is not known yet. A reader that is slow holds nobody up but itself. */
function sendParts(response: ServerResponse, reply: HttpReply, parts: Readable): void {
  response.writeHead(reply.status, reply.headers);
  pipeline(parts, response, () => {});
}

function sendStream(
  response: ServerResponse,
  reply: HttpReply,
  stream: (sink: StreamSink) => () => void,
): void {
  response.writeHead(reply.status, reply.headers);
  response.flushHeaders();
  const closed = stream({
    write: (text) => response.write(text),
    get bufferedBytes() {
      return response.writableLength;
    },
    onDrain: (drained) => response.on('drain', drained),
    end: () => response.end(),
  });
  response.once('close', closed);
}

/** What fastify found wrong with a request, in our terms. */
function errorOfRequest(error: Error, { headers }: FastifyRequest, maxBody: number): RadonError {
  const { code, message } = error as FastifyError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new RadonError('TOO_LARGE', { limit: maxBody });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new RadonError('UNSUPPORTED_FORMAT', { name: (headers['content-type'] ?? '').slice(0, 100) });
  return new RadonError('BAD_REQUEST', { detail: message }, { cause: error });
}

/** Requests that Node.js could not read: status, its phrase, what is wrong. */
type Unread = readonly [status: number, phrase: string, detail: string];
const malformed: Unread = [400, 'Bad Request', 'it is not HTTP'];
const unread: ReadonlyMap<string | undefined, Unread> = new Map<string, Unread>([
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large', 'its head is too large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout', 'it took too long to arrive']],
]);

/** There is no request to reply to, only a connection to end. */
function refuseUnread(error: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.writable) socket.write(unreadReply(...(unread.get(error.code) ?? malformed)));
  socket.destroy(error);
}

function unreadReply(status: number, phrase: string, detail: string): string {
  const { headers, body } = problemReply(new RadonError('BAD_REQUEST', { detail }), {}, status);
  const head = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${phrase}\r\n${lines.join('')}\r\n${body}`;
}

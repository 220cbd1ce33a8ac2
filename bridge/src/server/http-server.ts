/** The HTTP handler on a socket: fastify reads requests, replies go straight to the response. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { HttpHandler } from '../http/handler.ts';
import { problemReply } from '../http/problem.ts';
import { RadonError } from '../problem/error.ts';
import { createSend, isAnswered, type Send } from './http-reply.ts';
import { hasBody, NodeHttpRequest } from './http-request.ts';
import { endIdleConnections } from './idle-connections.ts';
import { listenOnNextPort } from './next-port.ts';
import { createPipelineLimit } from './pipelining.ts';
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
  /** Milliseconds after which a connection on which nothing moves is ended (default 300,000). */
  readonly idleMs?: number;
  /** Milliseconds between two pings of a WebSocket (default 15,000). */
  readonly pingMs?: number;
  /** Told of replies that could not be sent; their connections are ended. */
  readonly onError?: (error: unknown) => void;
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

const noQuery = {};
const defaultMaxBody = 1024 * 1024;
const defaultRequestTimeoutMs = 30_000;
/** Requests that may wait on one connection for answers to those before them. */
const mostPipelined = 16;
/** Others are closed at once; what else the bridge opens finds room. */
const mostConnections = 4_096;
/** Longer than any request to a node takes. */
const defaultIdleMs = 300_000;

export function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  return listenOnNextPort(options.host, options.port, (port) => listen(options, port));
}

async function listen(options: HttpServerOptions, port: number): Promise<HttpServer> {
  const app = createApp(options);
  const stopWatching = endIdleConnections(app.server, options.idleMs ?? defaultIdleMs);
  try {
    await app.listen({ host: options.host, port });
    return serverOf(app, openWebSockets(app, options), stopWatching);
  } catch (error) {
    stopWatching();
    await app.close();
    throw error;
  }
}

function openWebSockets({ server }: FastifyInstance, options: HttpServerOptions): WebSockets {
  const { handler, pingMs } = options;
  return serveWebSockets({
    server,
    send: createSend(options.onError),
    // Node.js does not read the body of a request for an upgrade.
    answer: async (request, response, isWebSocket) =>
      hasBody(request)
        ? problemReply(new RadonError('BAD_REQUEST', { detail: 'an upgrade comes without a body' }))
        : handler(new NodeHttpRequest(request, response, 0, isWebSocket)),
    ...(pingMs && { pingMs }),
  });
}

function serverOf(app: FastifyInstance, sockets: WebSockets, stopWatching: () => void): HttpServer {
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    replaceTls(credentials) {
      if (app.server instanceof TlsServer) app.server.setSecureContext(credentials);
    },
    async close() {
      stopWatching();
      sockets.close();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** fastify only hands requests over: bodies are read, and all is refused, behind the handler. */
function createApp(options: HttpServerOptions): FastifyInstance {
  const {
    handler,
    maxBody = defaultMaxBody,
    requestTimeoutMs: requestTimeout = defaultRequestTimeoutMs,
  } = options;
  const admit = createPipelineLimit(mostPipelined);
  const send = createSend(options.onError);
  const serve = ({ raw: request }: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    const response = reply.raw;
    if (!admit(request, response)) return;
    const answered = handler(new NodeHttpRequest(request, response, maxBody));
    if (answered instanceof Promise) void answered.then((late) => send(request, response, late));
    else send(request, response, answered);
  };
  const serveAnyway = (_error: Error, request: FastifyRequest, reply: FastifyReply) => serve(request, reply);
  const app = fastify({
    requestTimeout,
    ...serverOptions(options.tls, requestTimeout),
    forceCloseConnections: true,
    frameworkErrors: serveAnyway,
    clientErrorHandler: refuseUnread,
    exposeHeadRoutes: false,
    // The handler reads targets itself.
    routerOptions: { querystringParser: () => noQuery },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  app.setErrorHandler(serveAnyway);
  app.setNotFoundHandler(serve);
  app.all('*', serve);
  listenToTheRest(app.server, send);
  return app;
}

/** What Node.js would answer by itself, and what it would leave out. */
function listenToTheRest(server: Server, send: Send): void {
  // The head has an end anyway; of many headers none is lost.
  server.maxHeadersCount = 0;
  server.maxConnections = mostConnections;
  // Whether the body is wanted is known once it is read.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const error = new RadonError('BAD_REQUEST', { detail: 'what it expects is not known here' });
    send(request, response, problemReply(error, {}, 417));
  });
  server.on('connect', (_request, socket) => {
    // Its end is all there is to know; without a listener it would end the process.
    socket.on('error', () => socket.destroy());
    socket.end(unreadReply(405, 'Method Not Allowed', 'this is no proxy for CONNECT', { allow: '' }));
  });
}

/** Node.js ends slow requests only where the head may not take longer than the whole. */
function serverOptions(tls: TlsCredentials | undefined, requestTimeout: number) {
  const limits = {
    headersTimeout: requestTimeout,
    connectionsCheckingInterval: Math.min(requestTimeout, 5_000),
    requireHostHeader: false,
  };
  // fastify's types tell HTTP from HTTPS; requests and replies are the same.
  return tls === undefined ? { http: limits } : ({ https: { ...limits, ...tls } } as object);
}

/** Requests that Node.js could not read: status, its phrase, what is wrong. */
type Unread = readonly [status: number, phrase: string, detail: string];
const malformed: Unread = [400, 'Bad Request', 'it is not HTTP'];
/** RFC 9110 section 9.1. */
const unknownMethod: Unread = [501, 'Not Implemented', 'its method is not known here'];
const unread: ReadonlyMap<string | undefined, Unread> = new Map<string, Unread>([
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large', 'its head is too large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout', 'it took too long to arrive']],
]);

/** What `http_parser` tells of a request that it gave up. */
interface UnreadError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

/** There is no request to reply to, or one that has its reply: only a connection to end. */
function refuseUnread(error: UnreadError, socket: Socket): void {
  if (socket.writable && !isAnswered(socket)) socket.write(unreadReply(...whyUnread(error)));
  socket.destroy(error);
}

function whyUnread({ code, rawPacket }: UnreadError): Unread {
  const head = rawPacket instanceof Buffer ? rawPacket.toString('latin1', 0, 1_024) : '';
  const isRequest = /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.[01]\r\n/.test(head);
  if (code === 'HPE_INVALID_METHOD' && isRequest) return unknownMethod;
  return unread.get(code) ?? malformed;
}

function unreadReply(
  status: number,
  phrase: string,
  detail: string,
  more: Record<string, string> = {},
): string {
  const { headers, body } = problemReply(new RadonError('BAD_REQUEST', { detail }), more, status);
  const head = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${phrase}\r\n${lines.join('')}\r\n${body}`;
}

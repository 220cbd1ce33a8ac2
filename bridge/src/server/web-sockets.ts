/** WebSockets of an HTTP server: the handler says what they carry, `ws` speaks the protocol (RFC 6455). */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { discard, type HttpReply, type SocketSink } from '../http/message.ts';

export interface WebSockets {
  /** Ends every connection at once. Idempotent. */
  close(): void;
}

export interface WebSocketsOptions {
  readonly server: Server;
  /** Answers a request that may become a WebSocket; never rejects. */
  readonly answer: (
    request: IncomingMessage,
    response: ServerResponse,
    isWebSocket: boolean,
  ) => Promise<HttpReply>;
  /** Sends a reply that keeps to HTTP. */
  readonly send: (request: IncomingMessage, response: ServerResponse, reply: HttpReply) => void;
  /** Milliseconds between two pings (default 15,000). */
  readonly pingMs?: number;
}

/** Longest message of a client, bytes. */
const maxMessage = 64 * 1024;
const defaultPingMs = 15_000;

export function serveWebSockets({
  server,
  answer,
  send,
  pingMs = defaultPingMs,
}: WebSocketsOptions): WebSockets {
  const protocol = new WebSocketServer({ noServer: true, maxPayload: maxMessage });
  const connections = new Set<Duplex>();
  const answered = new WeakSet<WebSocket>();

  async function serve(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    // Its end is all there is to know; without a listener it would end the process.
    connection.on('error', () => connection.destroy());
    const response = respondOn(request, connection);
    const reply = await answer(request, response, isHandshake(request));
    if (reply.socket === undefined) {
      send(request, response, reply);
      return;
    }
    response.removeAllListeners();
    detach(response, connection);
    upgrade(request, connection, head, reply);
  }

  function upgrade(request: IncomingMessage, connection: Duplex, head: Buffer, reply: HttpReply): void {
    let isOpen = false;
    protocol.handleUpgrade(request, connection, head, (socket) => {
      isOpen = true;
      attach(socket, connection, reply);
    });
    if (!isOpen) discard(reply);
  }

  function attach(socket: WebSocket, connection: Duplex, { socket: start }: HttpReply): void {
    answered.add(socket);
    socket.on('pong', () => answered.add(socket));
    socket.on('error', () => socket.terminate());
    const closed = start?.(sinkOf(socket, connection));
    if (closed !== undefined) socket.once('close', closed);
  }

  function ping(): void {
    for (const socket of protocol.clients) {
      if (answered.delete(socket)) socket.ping();
      else socket.terminate();
    }
  }

  server.on('upgrade', (request, connection, head) => void serve(request, connection, head));
  const timer = setInterval(ping, pingMs);
  return {
    close() {
      clearInterval(timer);
      for (const connection of [...connections]) connection.destroy();
    },
  };
}

/** The handshake of RFC 6455 section 4.2.1; any other upgrade is left out, as RFC 9110 section 7.8 allows. */
function isHandshake({ method, headers }: IncomingMessage): boolean {
  const key = headers['sec-websocket-key'] ?? '';
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(key)
  );
}

/** A response on a connection that Node.js gave up at the request for an upgrade; ends the connection with it. */
function respondOn(request: IncomingMessage, connection: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(connection as Parameters<ServerResponse['assignSocket']>[0]);
  response.once('finish', () => connection.end());
  return response;
}

function detach(response: ServerResponse, connection: Duplex): void {
  response.detachSocket(connection as Parameters<ServerResponse['detachSocket']>[0]);
}

function sinkOf(socket: WebSocket, connection: Duplex): SocketSink {
  return {
    write(text) {
      socket.send(text);
      return !connection.writableNeedDrain;
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    onDrain: (drained) => connection.on('drain', drained),
    onMessage(received) {
      socket.on('message', (data: RawData, isBinary: boolean) => {
        if (isBinary) socket.close(1003, 'text only');
        else received(data.toString());
      });
    },
    end: () => socket.close(),
  };
}

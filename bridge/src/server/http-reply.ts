/** Replies of the handler on responses of Node.js. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { discard, type HttpReply, type StreamSink } from '../http/message.ts';
import { hasBody } from './http-request.ts';

/** The request of a connection that was answered before its body was there. */
const unreadBodies = new WeakMap<Socket, IncomingMessage>();

/** Whether what arrives on a connection belongs to a request that has its reply. */
export function isAnswered(socket: Socket): boolean {
  return unreadBodies.get(socket)?.complete === false;
}

export type Send = (request: IncomingMessage, response: ServerResponse, reply: HttpReply) => void;

/** Throws nothing: one reply that cannot be sent is the end of its connection alone. */
export function createSend(onError?: (error: unknown) => void): Send {
  return (request, response, reply) => {
    try {
      sendReply(request, response, reply);
    } catch (error) {
      onError?.(error);
      discard(reply);
      response.destroy();
    }
  };
}

function sendReply(request: IncomingMessage, response: ServerResponse, reply: HttpReply): void {
  if (!request.complete && hasBody(request)) unreadBodies.set(request.socket, request);
  if (response.destroyed) discard(reply);
  else if (reply.parts !== undefined) sendParts(response, reply, reply.parts);
  else if (reply.stream !== undefined && request.method !== 'HEAD') sendStream(response, reply, reply.stream);
  else sendWhole(request, response, reply);
}

function sendWhole(request: IncomingMessage, response: ServerResponse, reply: HttpReply): void {
  const isEmpty = reply.status === 204 || reply.status === 304;
  if (!isEmpty) reply.headers['content-length'] ??= String(Buffer.byteLength(reply.body));
  response.writeHead(reply.status, reply.headers);
  if (isEmpty || request.method === 'HEAD') response.end();
  else if (isShort(reply.body)) {
    reply.latin1 ??= textOf(reply.body);
    endWith(response, reply.latin1);
  } else if (Buffer.byteLength(reply.body) <= sliceBytes) response.end(reply.body);
  else endInSlices(response, reply.body);
}

/** Bytes that a client has to take before a connection counts as idle. */
const sliceBytes = 64 * 1_024;

/** Of a body that is handed over whole nobody knows how much has moved. */
function endInSlices(response: ServerResponse, body: Uint8Array | string): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  pipeline(Readable.from(slicesOf(bytes), { objectMode: false }), response, () => {});
}

function* slicesOf(body: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < body.length; at += sliceBytes) yield body.subarray(at, at + sliceBytes);
}

/** Head and body in one write; `end(latin1)` would make two of it, of which the second is empty. */
function endWith(response: ServerResponse, latin1: string): void {
  response.cork();
  response.write(latin1, 'latin1');
  response.uncork();
  response.end();
}

/** Bytes up to which copying a body costs less than handing it over beside its head. */
const shortBody = 4_096;

function isShort(body: HttpReply['body']): body is Uint8Array {
  return typeof body !== 'string' && body.length <= shortBody;
}

/** A character for each byte: Node.js sends head and body as one where both are text. */
function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
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

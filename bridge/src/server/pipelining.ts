/** Requests that come before those in front of them are answered (RFC 9112 section 9.3.2). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** False for a request that is not to be answered: its connection has ended. */
export type Admit = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A connection on which more than `most` requests wait is ended: answers that nobody takes would fill the memory. */
export function createPipelineLimit(most: number): Admit {
  const waiting = new WeakMap<Socket, number>();
  const count = (socket: Socket, change: 1 | -1) => {
    const counted = (waiting.get(socket) ?? 0) + change;
    waiting.set(socket, counted);
    return counted;
  };

  return ({ socket }, response) => {
    if (socket.destroyed) return false;
    // Node.js gives a response its connection once those before it are sent.
    if (response.socket !== null) return true;
    response.once('close', () => count(socket, -1));
    if (count(socket, 1) <= most) return true;
    socket.destroy();
    return false;
  };
}

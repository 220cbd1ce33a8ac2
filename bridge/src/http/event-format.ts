/** Events of a stream as text: server-sent events (WHATWG HTML section 9.2) and messages of a WebSocket. */
import type { HttpReply, StreamSink } from './message.ts';

export type Notice = 'lost' | 'back' | 'end';

export interface EventValue {
  readonly id: number;
  /** One line, JSON unless an atom wrote something else under that name. */
  readonly data: string;
  /** Older values that were left out before it. */
  readonly left: number;
  /** Where it and those after it come from; left out where that is known. */
  readonly href?: string;
}

export interface EventFormat {
  /** The reply that carries the stream. */
  reply(stream: (sink: StreamSink) => () => void): HttpReply;
  value(value: EventValue): string;
  notice(event: Notice, members: object): string;
  /** Keeps a quiet connection alive; left out where the connection does so itself. */
  readonly alive?: string;
}

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

export const serverSentEvents: EventFormat = {
  alive: ':\n\n',
  reply: (stream) => ({ status: 200, headers: { ...streamHeaders }, body: '', stream }),
  value({ id, data, left, href }) {
    const provider = href === undefined ? '' : `event: provider\ndata: ${JSON.stringify({ href })}\n\n`;
    const comment = left > 0 ? `: ${left} older values left out\n` : '';
    return `${provider}${comment}id: ${id}\ndata: ${data}\n\n`;
  },
  notice: (event, members) => `event: ${event}\ndata: ${JSON.stringify(members)}\n\n`,
};

export const socketMessages: EventFormat = {
  reply: (socket) => ({ status: 101, headers: {}, body: '', socket }),
  value({ id, data, left, href }) {
    const value = isJson(data) ? data : JSON.stringify(data);
    const leftOut = left > 0 ? `,"left":${left}` : '';
    const provider = href === undefined ? '' : `,"href":${JSON.stringify(href)}`;
    return `{"id":${id},"data":${value}${leftOut}${provider}}`;
  },
  notice: (event, members) => JSON.stringify({ event, ...members }),
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

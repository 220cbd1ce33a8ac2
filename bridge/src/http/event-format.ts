/** Events of a stream as text: server-sent events (WHATWG HTML section 9.2) and messages of a WebSocket. */
import type { HttpReply, StreamSink } from './message.ts';

export type Notice = 'lost' | 'back' | 'end';

export interface EventFormat {
  /** The reply that carries the stream. */
  reply(stream: (sink: StreamSink) => () => void): HttpReply;
  /** `data` is one line, JSON unless an atom wrote something else under that name; `left` older values were left out before it. */
  value(id: number, data: string, left: number): string;
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
  value(id, data, left) {
    const comment = left > 0 ? `: ${left} older values left out\n` : '';
    return `${comment}id: ${id}\ndata: ${data}\n\n`;
  },
  notice: (event, members) => `event: ${event}\ndata: ${JSON.stringify(members)}\n\n`,
};

export const socketMessages: EventFormat = {
  reply: (socket) => ({ status: 101, headers: {}, body: '', socket }),
  value(id, data, left) {
    const value = isJson(data) ? data : JSON.stringify(data);
    return `{"id":${id},"data":${value}${left > 0 ? `,"left":${left}` : ''}}`;
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

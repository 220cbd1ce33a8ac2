/** `/live`: many streams and requests over one WebSocket, each checked and answered as if it had come alone. */
import { RadonError } from '../problem/error.ts';
import { maxBufferedBytes } from './event-channel.ts';
import {
  type LiveFrame,
  type LiveRequest,
  parseLiveFrame,
  refusalMessage,
  responseMessage,
  subscriptionMessage,
} from './live-frames.ts';
import { discard, type HttpReply, type HttpRequest, type SocketSink, type StreamSink } from './message.ts';
import { problemReply } from './problem.ts';

/** Answers a request that came over a connection; never rejects. */
export type Ask = (request: HttpRequest) => Promise<HttpReply> | HttpReply;

export const maxSubscriptions = 256;
export const maxRequests = 32;
const readContent = { method: 'GET', body: new Uint8Array(0) };

/** The reply to a request for `/live`; `ask` answers what comes over it. */
export function liveReply(opening: HttpRequest, ask: Ask): HttpReply {
  if (!opening.isWebSocket) {
    const error = new RadonError('BAD_REQUEST', { detail: '/live is a WebSocket' });
    return problemReply(error, { upgrade: 'websocket' }, 426);
  }
  const socket = (sink: SocketSink) => {
    const session = new LiveSession(sink, opening, ask);
    return () => session.close();
  };
  return { status: 101, headers: {}, body: '', socket };
}

interface Subscription {
  readonly number: number;
  readonly opening: AbortController;
  /** Ends the stream once there is one. */
  close(): void;
  drained(): void;
}

class LiveSession {
  readonly #sink: SocketSink;
  readonly #handshake: Pick<HttpRequest, 'headers' | 'client'>;
  readonly #ask: Ask;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #closing = new AbortController();
  #requests = 0;

  constructor(sink: SocketSink, opening: HttpRequest, ask: Ask) {
    this.#sink = sink;
    this.#handshake = { headers: opening.headers, client: opening.client };
    this.#ask = ask;
    sink.onMessage((text) => this.#receive(text));
    sink.onDrain(() => {
      for (const subscription of [...this.#subscriptions.values()]) subscription.drained();
    });
  }

  close(): void {
    this.#closing.abort();
    for (const { number } of [...this.#subscriptions.values()]) this.#unsubscribe(number);
  }

  #receive(text: string): void {
    if (this.#closing.signal.aborted) return;
    try {
      this.#obey(parseLiveFrame(text));
    } catch (error) {
      if (!(error instanceof RadonError)) throw error;
      this.#write(JSON.stringify({ event: 'end', title: error.code, detail: error.message }));
      this.#end();
    }
  }

  #obey(frame: LiveFrame): void {
    if (frame.kind === 'unsubscribe') this.#unsubscribe(frame.number);
    else if (frame.kind === 'request') void this.#request(frame.number, frame.request);
    else this.#subscribe(frame.number, frame.path, frame.accept);
  }

  async #request(number: number, request: LiveRequest): Promise<void> {
    if (this.#requests === maxRequests) {
      this.#write(responseMessage(number, tooMany(`${maxRequests} requests`)));
      return;
    }
    this.#requests += 1;
    const { method, path: target, body } = request;
    const reply = await this.#ask(this.#requestOf(target, request.headers, { method, body }));
    this.#requests -= 1;
    discard(reply);
    const isStream = reply.stream !== undefined;
    const told = isStream ? badReply('a stream is asked for with "subscribe"') : reply;
    if (!this.#closing.signal.aborted) this.#write(responseMessage(number, told));
  }

  #subscribe(number: number, path: string, accept: string | undefined): void {
    if (this.#subscriptions.has(number))
      throw new RadonError('BAD_REQUEST', { detail: `there is a subscription ${number} already` });
    if (this.#subscriptions.size === maxSubscriptions) {
      this.#write(refusalMessage(number, tooMany(`${maxSubscriptions} subscriptions`)));
      return;
    }
    const opening = new AbortController();
    const subscription: Subscription = { number, opening, close() {}, drained() {} };
    this.#subscriptions.set(number, subscription);
    void this.#open(subscription, this.#requestOf(path, accept === undefined ? {} : { accept }));
  }

  async #open(subscription: Subscription, request: HttpRequest): Promise<void> {
    const { signal } = subscription.opening;
    this.#begin(subscription, await this.#ask({ ...request, signal, isWebSocket: true }));
  }

  #begin(subscription: Subscription, reply: HttpReply): void {
    if (!this.#isOpen(subscription)) {
      discard(reply);
    } else if (reply.socket === undefined) {
      this.#subscriptions.delete(subscription.number);
      discard(reply);
      this.#write(refusalMessage(subscription.number, reply));
    } else {
      subscription.close = reply.socket(this.#sinkOf(subscription));
      // It may have ended while it began.
      if (!this.#isOpen(subscription)) subscription.close();
    }
  }

  #isOpen(subscription: Subscription): boolean {
    return this.#subscriptions.get(subscription.number) === subscription;
  }

  /** Bytes that wait are those of the whole connection, which `#write` watches. */
  #sinkOf(subscription: Subscription): SocketSink {
    return {
      write: (text) => this.#write(subscriptionMessage(subscription.number, text)),
      bufferedBytes: 0,
      onDrain(drained) {
        subscription.drained = drained;
      },
      onMessage() {},
      end: () => this.#unsubscribe(subscription.number),
    };
  }

  #unsubscribe(number: number): void {
    const subscription = this.#subscriptions.get(number);
    this.#subscriptions.delete(number);
    subscription?.opening.abort();
    subscription?.close();
  }

  #write(text: string): ReturnType<StreamSink['write']> {
    const canWrite = this.#sink.write(text);
    if (this.#sink.bufferedBytes > maxBufferedBytes) this.#end();
    return canWrite;
  }

  #end(): void {
    this.#sink.end();
    this.close();
  }

  #requestOf(
    target: string,
    headers: Readonly<Record<string, string>>,
    { method, body }: Pick<HttpRequest, 'method' | 'body'> = readContent,
  ): HttpRequest {
    const { signal } = this.#closing;
    const { headers: shared, client } = this.#handshake;
    return { method, target, headers: { ...shared, ...headers }, body, client, signal };
  }
}

function badReply(detail: string): HttpReply {
  return problemReply(new RadonError('BAD_REQUEST', { detail }));
}

function tooMany(what: string): HttpReply {
  return badReply(`there are ${what} on this connection, its limit`);
}

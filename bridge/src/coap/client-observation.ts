/** One observation of a client (RFC 7641 section 3). */
import type { Endpoint } from '../link/link.ts';
import { type Requester, wholeOf } from './client.ts';
import { checkFits, exchangeError } from './client-exchange.ts';
import { messageType } from './codes.ts';
import { CoapError, type CoapErrorCode } from './errors.ts';
import type { LayerHost } from './host.ts';
import { Outgoing } from './outgoing.ts';
import type { ReceivedMessage } from './received.ts';
import { noControl } from './request-content.ts';
import { submit, withdraw } from './transmission.ts';
import type { ClientRequest, CoapResponse, Observation, Observer, RequestOptions } from './types.ts';

const registerValue = 0;
const deregisterValue = 1;
const defaultQuietMs = 60_000;
const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
/** After so long any sequence number counts as newer (RFC 7641 section 3.4). */
const freshAfterMs = 128_000;
const halfRange = 1 << 23;

/** RFC 7641 section 3.4: whether `next` was sent after `last`, sequence numbers being 24 bits wide. */
export function isNewer(last: number, lastMs: number, next: number, nextMs: number): boolean {
  if (nextMs > lastMs + freshAfterMs) return true;
  return (last < next && next - last < halfRange) || (last > next && last - next > halfRange);
}

export class ClientObservation implements Observation {
  private readonly host: LayerHost;
  private readonly requester: Requester;
  private readonly request: ClientRequest;
  private readonly to: Endpoint;
  private readonly observer: Observer;
  private readonly options: RequestOptions;
  private readonly stopped: () => void;
  private outgoing: Outgoing | undefined;
  private cancelTimer: (() => void) | undefined;
  private retryMs = firstRetryMs;
  private lastSequence = -1;
  private lastTime = 0;
  /** Grows with every accepted notification, so that a body fetched late is recognised. */
  private version = 0;
  private isOver = false;

  constructor(
    host: LayerHost,
    requester: Requester,
    request: ClientRequest,
    to: Endpoint,
    observer: Observer,
    options: RequestOptions,
    stopped: () => void,
  ) {
    this.host = host;
    this.requester = requester;
    this.request = request;
    this.to = to;
    this.observer = observer;
    this.options = options;
    this.stopped = stopped;
    this.register();
    options.signal?.addEventListener('abort', () => this.cancel(), { once: true });
  }

  /** A server that restarted counts its notifications anew. */
  refresh(): void {
    if (this.isOver) return;
    this.lastSequence = -1;
    this.register();
  }

  cancel(): void {
    if (this.isOver) return;
    this.stop();
    const { outgoing } = this;
    if (outgoing === undefined || outgoing.phase === 'done') return;
    if (this.lastSequence < 0) this.drop(outgoing);
    else this.deregister(outgoing);
    this.host.kick();
  }

  /** Ends without a word to the server: the context closes. */
  stop(): void {
    this.isOver = true;
    this.cancelTimer?.();
    this.stopped();
  }

  private register(): void {
    this.cancelTimer?.();
    const outgoing = this.createOutgoing(registerValue);
    outgoing.keepsToken = true;
    if (!this.takeToken(outgoing)) return;
    this.outgoing = outgoing;
    submit(this.host.layer, outgoing, this.host.now(), this.host.out);
    this.host.kick();
  }

  private deregister(registered: Outgoing): void {
    const outgoing = this.createOutgoing(deregisterValue);
    this.host.layer.tokens.transfer(registered, outgoing);
    this.drop(registered);
    submit(this.host.layer, outgoing, this.host.now(), this.host.out);
  }

  private createOutgoing(observe: number): Outgoing {
    const { request, host } = this;
    const content = this.requester.encode(request, { ...noControl, observe });
    checkFits(host, content);
    const type = request.confirmable === false ? messageType.non : messageType.con;
    const outgoing: Outgoing = new Outgoing(this.to, type, request.method, content, {
      response: (message) => this.receive(outgoing, message),
      failed: (errorCode) => this.fail(outgoing, errorCode),
    });
    return outgoing;
  }

  /** A registration anew keeps its token (RFC 7641 section 3.3.1). */
  private takeToken(outgoing: Outgoing): boolean {
    const { layer } = this.host;
    const before = this.outgoing;
    if (before === undefined || before.tokenIndex < 0) return layer.tokens.assign(outgoing);
    layer.tokens.transfer(before, outgoing);
    this.drop(before);
    return true;
  }

  private drop(outgoing: Outgoing): void {
    withdraw(this.host.layer, outgoing, this.host.now(), this.host.out);
  }

  private receive(outgoing: Outgoing, message: ReceivedMessage): void {
    if (this.isOver || outgoing !== this.outgoing) return;
    const isSuccess = message.code >> 5 === 2;
    const sequence = message.observe;
    if (!isSuccess || sequence === undefined) {
      this.drop(outgoing);
      this.outgoing = undefined;
      this.lastSequence = -1;
    }
    if (!isSuccess) this.lose(wholeOf(message));
    else if (sequence === undefined) this.take(message, message.maxAge * 1_000);
    else this.takeNotification(message, sequence);
  }

  private takeNotification(message: ReceivedMessage, sequence: number): void {
    const now = this.host.now();
    if (this.lastSequence >= 0 && !isNewer(this.lastSequence, this.lastTime, sequence, now)) return;
    this.lastSequence = sequence;
    this.lastTime = now;
    this.take(message, Math.max(message.maxAge * 1_000, this.options.quietMs ?? defaultQuietMs));
  }

  /** Hands on the whole body, and registers again after `silenceMs` without a word (RFC 7641 section 3.3.1). */
  private take(message: ReceivedMessage, silenceMs: number): void {
    this.retryMs = firstRetryMs;
    this.registerAfter(Math.max(firstRetryMs, silenceMs));
    this.version += 1;
    const { version } = this;
    if (this.options.singleMessage === true || !this.requester.hasMore(message)) {
      this.observer.next(wholeOf(message));
      return;
    }
    this.requester.collect(this.request, this.to, this.options, message).then(
      (response) => {
        if (!this.isOver && version === this.version) this.observer.next(response);
      },
      (error: unknown) => {
        if (error instanceof CoapError && version === this.version) this.lose(error);
      },
    );
  }

  private fail(outgoing: Outgoing, errorCode: CoapErrorCode): void {
    if (this.isOver || outgoing !== this.outgoing) return;
    this.outgoing = undefined;
    this.lastSequence = -1;
    this.lose(exchangeError(errorCode, this.to));
  }

  private lose(reason: CoapError | CoapResponse): void {
    if (this.isOver) return;
    this.registerAfter(this.retryMs);
    this.retryMs = Math.min(longestRetryMs, this.retryMs * 2);
    this.observer.lost?.(reason);
  }

  private registerAfter(delayMs: number): void {
    this.cancelTimer?.();
    this.cancelTimer = this.host.wakeAt(this.host.now() + delayMs, () => this.register());
  }
}

import type { Endpoint } from '../link/link.ts';
import { messageType } from './codes.ts';
import { CoapError, type CoapErrorCode } from './errors.ts';
import type { LayerHost } from './host.ts';
import { Outgoing, type OutgoingEvents } from './outgoing.ts';
import type { ReceivedMessage } from './received.ts';
import { submit, withdraw } from './transmission.ts';
import type { RequestOptions } from './types.ts';

const reasons: Readonly<Record<CoapErrorCode, string>> = {
  TIMEOUT: 'no answer',
  RESET: 'rejected with a reset',
  MALFORMED: 'the answer is not valid CoAP',
  ABORTED: 'aborted',
  CLOSED: 'the link is closed',
  TOO_LARGE: 'too large',
  NOT_SENT: 'not sent',
  UNSTABLE: 'the representation keeps changing',
};

export function exchangeError(errorCode: CoapErrorCode, to: Endpoint): CoapError {
  return new CoapError(
    errorCode,
    `${to.address}${to.port === 0 ? '' : `:${to.port}`}: ${reasons[errorCode]}`,
  );
}

export interface ExchangeParts {
  readonly to: Endpoint;
  readonly code: number;
  readonly content: Uint8Array;
  readonly confirmable: boolean;
}

/** One message out, one response back. */
export function exchange(
  host: LayerHost,
  parts: ExchangeParts,
  options: RequestOptions,
): Promise<ReceivedMessage> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    if (signal?.aborted) reject(abortError(signal));
    else new Exchange(host, parts.to, options, resolve, reject).begin(parts);
  });
}

class Exchange implements OutgoingEvents {
  private readonly host: LayerHost;
  private readonly to: Endpoint;
  private readonly options: RequestOptions;
  private readonly resolve: (message: ReceivedMessage) => void;
  private readonly reject: (error: CoapError) => void;
  private stopListening: (() => void) | undefined;

  constructor(
    host: LayerHost,
    to: Endpoint,
    options: RequestOptions,
    resolve: (message: ReceivedMessage) => void,
    reject: (error: CoapError) => void,
  ) {
    this.host = host;
    this.to = to;
    this.options = options;
    this.resolve = resolve;
    this.reject = reject;
  }

  begin(parts: ExchangeParts): void {
    const outgoing = send(this.host, parts, this);
    const { signal } = this.options;
    if (signal !== undefined) this.listen(outgoing, signal);
  }

  response(message: ReceivedMessage): void {
    this.stopListening?.();
    this.resolve(message);
  }

  failed(errorCode: CoapErrorCode): void {
    this.stopListening?.();
    this.reject(exchangeError(errorCode, this.to));
  }

  retransmitted(): void {
    this.options.onRetransmit?.();
  }

  private listen(outgoing: Outgoing, signal: AbortSignal): void {
    const { host } = this;
    const abort = (): void => {
      withdraw(host.layer, outgoing, host.now(), host.out);
      host.kick();
      this.reject(abortError(signal));
    };
    signal.addEventListener('abort', abort, { once: true });
    this.stopListening = () => signal.removeEventListener('abort', abort);
  }
}

export function abortError(signal: AbortSignal): CoapError {
  return new CoapError('ABORTED', 'aborted by the caller', signal.reason);
}

/** Hands a request to the message layer under a fresh token. */
function send(host: LayerHost, parts: ExchangeParts, events: OutgoingEvents): Outgoing {
  const { layer } = host;
  const type = parts.confirmable ? messageType.con : messageType.non;
  const outgoing = new Outgoing(parts.to, type, parts.code, parts.content, events);
  checkFits(host, parts.content);
  if (!layer.tokens.assign(outgoing)) throw new CoapError('NOT_SENT', 'every token is in use');
  submit(layer, outgoing, host.now(), host.out);
  host.kick();
  return outgoing;
}

const headerAndToken = 8;

/** Throws CoapError NOT_SENT for a request that no datagram of the link can carry. */
export function checkFits({ layer }: LayerHost, content: Uint8Array): void {
  const { maxMessage } = layer.options.timing;
  if (content.length + headerAndToken > maxMessage)
    throw new CoapError('NOT_SENT', `the request does not fit a message of ${maxMessage} bytes`);
}

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
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    const outgoing = send(host, parts, {
      response(message) {
        signal?.removeEventListener('abort', abort);
        resolve(message);
      },
      failed(errorCode) {
        signal?.removeEventListener('abort', abort);
        reject(exchangeError(errorCode, parts.to));
      },
      retransmitted: () => options.onRetransmit?.(),
    });
    function abort(): void {
      withdraw(host.layer, outgoing, host.now(), host.out);
      host.kick();
      if (signal !== undefined) reject(abortError(signal));
    }
    signal?.addEventListener('abort', abort, { once: true });
  });
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

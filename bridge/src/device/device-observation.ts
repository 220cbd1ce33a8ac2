import { CoapError } from '../coap/errors.ts';
import { option } from '../coap/options.ts';
import { errorOfExchange } from '../coap/problem.ts';
import type { Observation as ClientObservation, CoapClient, CoapResponse } from '../coap/types.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { clientRequestOf, nodeResponseOf } from './answer.ts';

/** One observation of a device, across losses of its link. */
export interface DeviceObservation extends Observation {
  /** Registers, unless it has: the node is there. */
  start(): void;
  /** The node is away. */
  lose(): void;
}

const errorClass = 4;

/** The blocks of a large notification after the first carry no Observe option (RFC 7959 section 2.6). */
function isNotification({ message }: CoapResponse): boolean {
  const isLaterBlock = (message.uintOf(option.block2) ?? 0) >> 4 > 0;
  return message.observe !== undefined || isLaterBlock;
}

/** `closed` is called once, when no further call to the listener follows. */
export function createDeviceObservation(
  node: string,
  client: Pick<CoapClient, 'observe'>,
  request: NodeRequest,
  listener: ObservationListener,
  closed: () => void,
): DeviceObservation {
  let registration: ClientObservation | undefined;
  let isLost = false;
  let isOver = false;

  function close(): void {
    if (isOver) return;
    isOver = true;
    registration?.cancel();
    closed();
  }

  function lose(): void {
    if (isOver || isLost) return;
    isLost = true;
    listener.lost();
  }

  function receive(response: CoapResponse): void {
    if (isOver) return;
    if (response.code >> 5 < errorClass && isNotification(response)) tell(response);
    else end(nodeResponseOf(response));
  }

  function tell(response: CoapResponse): void {
    if (isLost) listener.back();
    isLost = false;
    listener.next(nodeResponseOf(response));
  }

  function end(response: NodeResponse): void {
    if (isOver) return;
    close();
    listener.end(response);
  }

  function register(): void {
    try {
      registration ??= client.observe(clientRequestOf(request), {
        next: receive,
        lost: (reason) => (reason instanceof CoapError ? lose() : end(nodeResponseOf(reason))),
      });
    } catch (error) {
      const refusal = errorOfExchange(error, node);
      if (!(refusal instanceof RadonError)) throw refusal;
      queueMicrotask(() => end(problemReply(refusal)));
    }
  }

  return {
    start() {
      if (!isOver) register();
    },
    lose,
    close,
  };
}

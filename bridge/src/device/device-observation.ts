import { CoapError } from '../coap/errors.ts';
import type { Observation as ClientObservation, CoapClient, CoapResponse } from '../coap/types.ts';
import type { NodeRequest, Observation, ObservationListener } from '../registry/node.ts';
import { clientRequestOf, nodeResponseOf } from './answer.ts';

/** One observation of a device, across losses of its link. */
export interface DeviceObservation extends Observation {
  /** Registers, also again: the node is there. */
  start(): void;
  /** The node is away. */
  lose(): void;
}

const errorClass = 4;

/** `closed` is called once, when no further call to the listener follows. */
export function createDeviceObservation(
  client: CoapClient,
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
    const isObserved = response.code >> 5 < errorClass && response.message.observe !== undefined;
    if (isObserved) tell(response);
    else end(response);
  }

  function tell(response: CoapResponse): void {
    if (isLost) listener.back();
    isLost = false;
    listener.next(nodeResponseOf(response));
  }

  function end(response: CoapResponse): void {
    if (isOver) return;
    close();
    listener.end(nodeResponseOf(response));
  }

  return {
    start() {
      if (isOver) return;
      registration?.cancel();
      registration = client.observe(clientRequestOf(request), {
        next: receive,
        lost: (reason) => (reason instanceof CoapError ? lose() : end(reason)),
      });
    },
    lose,
    close,
  };
}

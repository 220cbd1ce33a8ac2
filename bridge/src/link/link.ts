/**
 * The link port: moves datagrams between this process and the endpoints at the other side. Adapters: UDP, serial, stream
 * (unix or TCP socket) and memory; all of them pass `link.contract.ts`.
 */

/**
 * Whoever is at the other side of a link. Deduplication, observers and block transfers are keyed on the object itself:
 * a link hands out the same object for the same address while anybody retains it.
 */
export interface Endpoint {
  /** Unique in this process, never reused. */
  readonly id: number;
  /** IP address, or the name of the link where it has only one endpoint. */
  readonly address: string;
  /** UDP port; 0 where the link has none. */
  readonly port: number;
  /** Whether control requests are accepted from it (serial links, links declared trusted). */
  readonly trusted: boolean;
  /** How many parties rely on this object; at 0 the link may forget the address. Changed by `retain`/`release` only. */
  retained: number;
}

/** Transmission parameters of RFC 7252 section 4.8 as they hold on one link. Times in milliseconds. */
export interface LinkTiming {
  readonly ackTimeoutMs: number;
  readonly ackRandomFactor: number;
  readonly maxRetransmit: number;
  /** EXCHANGE_LIFETIME: how long a message ID stays taken and a reply is remembered. */
  readonly exchangeLifetimeMs: number;
  /** A request not answered after this long gets an empty ACK and a separate response. */
  readonly ackDelayMs: number;
  /** Interactions outstanding per endpoint until it announces more (RFC 7252 NSTART). */
  readonly nstart: number;
  /** Largest CoAP message in bytes. */
  readonly maxMessage: number;
}

/** Datagrams that arrived together. The object and its arrays are reused: read it during the call, keep only the buffers. */
export interface DatagramBatch {
  count: number;
  readonly from: Endpoint[];
  readonly data: Uint8Array[];
}

/** `down` and `up` alternate on reconnecting links; `closed` comes last, once. */
export type LinkState = 'up' | 'down' | 'closed';

export interface LinkEvents {
  datagrams(batch: DatagramBatch): void;
  /** `cause` is absent when the link was closed by this side. */
  state?(state: LinkState, cause?: Error): void;
  /** One diagnostic frame of a serial link, terminal escapes made harmless. */
  diagnostic?(text: string): void;
}

/** Counters of one link since it was opened. */
export interface LinkCounters {
  datagramsIn: number;
  datagramsOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Frames dropped for a bad FCS, a bad escape or an impossible length. */
  framesBad: number;
  /** Datagrams that could not be handed over: link down, buffer full, endpoint table full. */
  dropped: number;
}

export interface Link {
  /** For people and logs, such as `udp:127.0.0.1:5683` or `serial:/dev/ttyACM0@115200`. */
  readonly name: string;
  readonly timing: LinkTiming;
  /** The only endpoint of a point-to-point link; undefined where datagrams come from anywhere. */
  readonly remote: Endpoint | undefined;
  readonly state: LinkState;
  readonly counters: Readonly<LinkCounters>;
  /** Starts delivery to the one receiver of this link. Throws when there is one already. */
  attach(events: LinkEvents): void;
  /** The endpoint at an address, for links with many; throws on point-to-point links for any other address. */
  endpoint(address: string, port: number): Endpoint;
  /** Sends `bytes[start, end)`. Never throws and never blocks: what cannot be sent is dropped and counted. */
  send(to: Endpoint, bytes: Uint8Array, start: number, end: number): void;
  /**
   * Ends a run of sends. True: the bytes are out of the caller's buffer, which may be reused. False: the buffer is still
   * referenced and must be left alone.
   */
  flush(): boolean;
  /** Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

let lastEndpointId = 0;

/** A new endpoint that nobody relies on yet. */
export function createEndpoint(address: string, port: number, trusted: boolean): Endpoint {
  lastEndpointId += 1;
  return { id: lastEndpointId, address, port, trusted, retained: 0 };
}

/** `endpoint` of a point-to-point link. */
export function onlyEndpoint(
  { name, remote }: { readonly name: string; readonly remote: Endpoint },
  address: string,
  port: number,
): Endpoint {
  if (address === remote.address && port === remote.port) return remote;
  throw new RangeError(`${name} reaches no other address`);
}

export function retain(endpoint: Endpoint): void {
  endpoint.retained += 1;
}

export function release(endpoint: Endpoint): void {
  endpoint.retained -= 1;
}

/** RFC 7252 section 4.8.1 defaults. `nstart` 1 until the other side announces more. */
export const udpTiming: LinkTiming = {
  ackTimeoutMs: 2_000,
  ackRandomFactor: 1.5,
  maxRetransmit: 4,
  exchangeLifetimeMs: 247_000,
  ackDelayMs: 200,
  nstart: 1,
  maxMessage: 1_152,
};

/** Bits per second of a serial line where nothing else is said. */
export const defaultBaud = 115_200;

const largestMessage = 1_152;
const serialProcessingMs = 50;

/**
 * Timing of a serial link (docs/reference/wire.md): L is the time on the wire of the largest message with every byte
 * escaped, 10 bits a byte; P the processing delay.
 */
export function serialTiming(baud: number): LinkTiming {
  const largestMs = (20 * largestMessage * 1_000) / baud;
  const ackTimeoutMs = Math.max(600, 2 * largestMs + serialProcessingMs);
  return {
    ackTimeoutMs,
    ackRandomFactor: 1.5,
    maxRetransmit: 4,
    exchangeLifetimeMs: 22.5 * ackTimeoutMs + 2 * largestMs + serialProcessingMs,
    ackDelayMs: serialProcessingMs / 2,
    nstart: 1,
    maxMessage: largestMessage,
  };
}

import type { Clock } from '../link/clock.ts';
import type { Endpoint, Link } from '../link/link.ts';
import type { CoapError } from './errors.ts';
import type { ReceivedMessage } from './received.ts';

/** One option with its number, as it stands on the wire. */
export interface CoapOption {
  readonly number: number;
  readonly value: Uint8Array;
}

/** What a client asks for. */
export interface ClientRequest {
  /** A code of `method`. */
  readonly method: number;
  /** `/a/rain/level` (split at slashes, percent-decoding applied) or the segments themselves. Empty: the root. */
  readonly path: string | readonly string[];
  /** One Uri-Query option each, such as `rt=rainfall`. */
  readonly query?: readonly string[] | undefined;
  readonly accept?: number | undefined;
  readonly contentFormat?: number | undefined;
  /** ETags of representations at hand: the response may be 2.03. */
  readonly etags?: readonly Uint8Array[] | undefined;
  readonly ifMatch?: readonly Uint8Array[] | undefined;
  readonly ifNoneMatch?: boolean | undefined;
  /** Further options. Block1, Block2 and Observe are set by the client itself unless `singleMessage` is set. */
  readonly options?: readonly CoapOption[] | undefined;
  /** The whole body; sent block-wise when larger than `blockSize`. */
  readonly payload?: Uint8Array;
  /** CON (default) or NON. */
  readonly confirmable?: boolean;
  /** 16, 32 … 1024 (default): largest block sent and asked for. */
  readonly blockSize?: number;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where to, on links with many endpoints. */
  readonly to?: Endpoint;
  /** Largest body accepted, bytes (default 1 MiB). */
  readonly maxBody?: number;
  /** One message out, one back; block options are passed as they are (proxies). */
  readonly singleMessage?: boolean;
  /** Observations: registers again after so much silence, milliseconds (default 60,000); never before Max-Age is over. */
  readonly quietMs?: number;
  /** Called whenever a message of this exchange is sent again. */
  readonly onRetransmit?: () => void;
  /** Each block of a body of several (Block2) as it comes, with its offset in bytes; offset 0 again: the body changed and begins anew. */
  readonly onBlock?: ((block: CoapResponse, offset: number) => void) | undefined;
}

/** A response with its whole body. */
export interface CoapResponse {
  readonly code: number;
  readonly payload: Uint8Array;
  readonly contentFormat: number | undefined;
  readonly etag: Uint8Array | undefined;
  /** Seconds; 60 when the option is absent (RFC 7252 section 5.10.5). */
  readonly maxAge: number;
  /** The (last) message itself: any other option. */
  readonly message: ReceivedMessage;
}

/** A running observation (RFC 7641). */
export interface Observation {
  /** Registers again now, under the same token. */
  refresh(): void;
  /** Deregisters (GET with Observe 1) and stops. Idempotent. */
  cancel(): void;
}

export interface Observer {
  /** The first response and each notification, newest only, in order. */
  next(response: CoapResponse): void;
  /**
   * The server went quiet or refused; the client registers again with growing delays until `cancel`. A response without
   * Observe is passed to `next` and asked for again when its Max-Age is over.
   */
  lost?(reason: CoapError | CoapResponse): void;
}

/** What a handler gets: valid while the exchange lives, safe to keep. */
export interface CoapRequest extends ReceivedMessage {
  readonly from: Endpoint;
  /** The whole body, after reassembly of Block1. */
  readonly body: Uint8Array;
  /** Proxy-Uri or Proxy-Scheme is there. */
  readonly proxied: boolean;
  /** Fires when the context is closed. One for all requests of a context: who listens to it for each gathers listeners. */
  readonly signal: AbortSignal;
}

/** What a handler answers. Bodies larger than a block are sliced (Block2). */
export interface CoapReply {
  /** A code of `code`. */
  readonly code: number;
  readonly payload?: Uint8Array;
  readonly contentFormat?: number | undefined;
  readonly etag?: Uint8Array | undefined;
  /** Seconds. Absent: no option, which means 60. */
  readonly maxAge?: number | undefined;
  /** Further options, such as Location-Path. */
  readonly options?: readonly CoapOption[];
  /**
   * Makes the resource observable: called when the client registered and the code is 2.xx. `changed()` asks the handler
   * again, `changed(reply)` sends that; the returned function ends the subscription.
   */
  readonly subscribe?: (changed: (reply?: CoapReply) => void) => () => void;
}

export type CoapHandler = (request: CoapRequest) => CoapReply | Promise<CoapReply>;

/** Counters of one context since it was created. */
export interface CoapCounters {
  messagesIn: number;
  messagesOut: number;
  malformed: number;
  duplicates: number;
  retransmissions: number;
  timeouts: number;
  resets: number;
  /** Unsafe requests answered 5.03 because the reply memory was full. */
  refused: number;
  /** Acknowledgements and responses that fitted no exchange. */
  unmatched: number;
}

export interface CoapContextOptions {
  /** Serves requests; without it every request gets 4.04. */
  readonly handler?: CoapHandler;
  /** The handler serves Proxy-Uri and Proxy-Scheme; otherwise they get 5.05. */
  readonly acceptsProxy?: boolean;
  /** Requests whose blocks the handler takes one by one, without reassembly and slicing (proxies). */
  readonly passBlocks?: boolean | ((request: CoapRequest) => boolean);
  /** Largest body reassembled from Block1, bytes (default 1 MiB). */
  readonly maxBody?: number;
  /** Block size of Block2 replies: 16 … 1024 (default 1024). */
  readonly blockSize?: number;
  /** Unsafe requests remembered at once (default 2^20; memory grows with use). */
  readonly dedupCapacity?: number;
  /** Replaces the link's NSTART. */
  readonly nstart?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Sees what a handler threw; the client gets 5.00. */
  readonly onHandlerError?: (error: unknown, request: CoapRequest) => void;
}

/** The client face. */
export interface CoapClient {
  /** Rejects with `CoapError`; error codes of the server are responses like any other. */
  request(request: ClientRequest, options?: RequestOptions): Promise<CoapResponse>;
  /** Throws `CoapError` where the request cannot be sent at all. */
  observe(request: ClientRequest, observer: Observer, options?: RequestOptions): Observation;
  /** Empty CON; resolves with the round trip in milliseconds. */
  ping(options?: RequestOptions): Promise<number>;
  /** Registers every observation again now, under its token: the server is known to have restarted. */
  refreshObservations(): void;
  /** Learned from the other side (`/node` announces it). */
  setNstart(nstart: number, to?: Endpoint): void;
  readonly counters: Readonly<CoapCounters>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An observer of a server, as it can be written down for the next process. */
export interface ObserverRecord {
  /** Of the observer; what a link with one endpoint makes of them is not looked at. */
  readonly address: string;
  readonly port: number;
  /** The registration as it came, a message with Observe 0. */
  readonly message: Uint8Array;
  /** Observe value of the last notification, 24 bits. */
  readonly sequence: number;
}

/** Client and server over one link. */
export interface CoapContext extends CoapClient {
  readonly link: Link;
  /** Observers registered with this server. */
  readonly observers: number;
  observerRecords(): readonly ObserverRecord[];
  /** Calls `changed` when an observer comes or goes; the result stops that. */
  watchObservers(changed: () => void): () => void;
  /**
   * Observers of an earlier process: each is told what holds now, in a CON that it rejects when it does not observe any
   * more. What is no registration, or registered anew meanwhile, is left out.
   */
  resumeObservers(records: readonly ObserverRecord[]): void;
}

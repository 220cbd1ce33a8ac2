/**
 * The port every node implements: a board behind a link (device/) and the host node in this process (atoms/).
 * Callers are trusted; whoever exposes a node to others filters first. The registry, the HTTP and the CoAP face
 * and the `radon` command speak only this.
 */
import type { CoapCounters } from '../coap/types.ts';
import type { LinkCounters } from '../link/link.ts';

/** A request to a resource of a node, in CoAP's terms. Byte arrays are borrowed until the promise settles. */
export interface NodeRequest {
  /** CoAP method code (tables `method`): GET 1, POST 2, PUT 3, DELETE 4, FETCH 5, PATCH 6, IPATCH 7. */
  readonly method: number;
  /** Decoded Uri-Path segments, without slashes between them: `['a', 'rain', 'level']`. */
  readonly path: readonly string[];
  /** Decoded Uri-Query arguments: `['unit=mm']`. */
  readonly query: readonly string[];
  /** The whole body, or the piece of it that `part` tells; block-wise transfer is the node's business. */
  readonly payload: Uint8Array;
  /**
   * The payload is the piece of a larger body that starts at byte `offset` (a multiple of 16); answered by 2.31 while
   * `more` pieces follow. Only `PUT /images/{digest}` takes pieces: so a push shows progress and resumes.
   */
  readonly part?: { readonly offset: number; readonly more: boolean } | undefined;
  /** CoAP content-format of the payload. */
  readonly contentFormat?: number | undefined;
  /** The one content-format the caller takes; left out, the resource's default. */
  readonly accept?: number | undefined;
  /** Representations the caller holds (RFC 7252 5.10.6); one that still stands answers 2.03. */
  readonly etags?: readonly Uint8Array[] | undefined;
  /** RFC 7252 5.10.8.1; an empty array member means "exists". */
  readonly ifMatch?: readonly Uint8Array[] | undefined;
  /** RFC 7252 5.10.8.2: only where nothing exists yet. */
  readonly ifNoneMatch?: boolean | undefined;
  /** Told of each block of a body of several as it comes; offset 0 again: it changed and begins anew. The answer is the whole. */
  readonly onPart?: ((part: NodeResponse, offset: number) => void) | undefined;
  /** Hops that are left (RFC 8768); left out: it starts here. */
  readonly hopLimit?: number | undefined;
  /** The caller takes no kept answer: the node itself is asked. */
  readonly noCache?: boolean | undefined;
}

/** The whole answer to a request; an error code is a value here, not an exception. */
export interface NodeResponse {
  /** CoAP response code byte: 69 is 2.05. */
  readonly code: number;
  readonly payload: Uint8Array;
  readonly contentFormat?: number | undefined;
  /** Seconds the representation stays fresh; left out means 60 (RFC 7252 5.10.5), nodes send 0. */
  readonly maxAge?: number | undefined;
  /** Seconds since the node gave this answer, of an answer that was kept; `maxAge` counts from then. */
  readonly age?: number | undefined;
  readonly etag?: Uint8Array | undefined;
  /** Location-Path segments of a 2.01. */
  readonly location?: readonly string[] | undefined;
  /** Location-Query arguments beside `location`. */
  readonly locationQuery?: readonly string[] | undefined;
}

/** What an observation tells. Calls never overlap and never come from inside `observe` itself. */
export interface ObservationListener<Told extends NodeResponse = NodeResponse> {
  /** A newer representation; the first is the answer to the registration. Older ones are left out (RFC 7641 3.4). */
  next(response: Told): void;
  /** The node went away; it is observed again as soon as it is back. */
  lost(): void;
  /** The node is back; `next` follows with its present representation. */
  back(): void;
  /** The last call: the node answered with an error, or without observing (`response` then stands for both). */
  end(response: NodeResponse): void;
}

export interface Observation {
  /** Idempotent; no listener call follows. */
  close(): void;
}

/** What an atom of a node asks the bridge for: `path` is the bridge's own tree (`nodes/…`, `m/…`), or `proxyUri` is given. */
export interface UpstreamRequest extends NodeRequest {
  /** `coap://host[:port]/path?query`; `path` and `query` are empty then. */
  readonly proxyUri?: string | undefined;
}

/** Where a node sends what its atoms have for others; the bridge gives each node one that knows who asks. */
export interface Upstream {
  /** Resolves with an answer in any case but an abort; nothing on the way to it is an exception. */
  request(request: UpstreamRequest, signal?: AbortSignal): Promise<NodeResponse>;
  observe(request: UpstreamRequest, listener: ObservationListener): Observation;
}

/** `foreign`: a CoAP server of other make that registered itself. */
export type NodeKind = 'device' | 'host' | 'foreign';
export type NodeLink = 'up' | 'lost';

/** What `/nodes/{node}` shows beside the node's own resources. */
export interface NodeState {
  readonly name: string;
  readonly kind: NodeKind;
  readonly link: NodeLink;
  /** Where it is: `unix:PATH`, `serial:PATH@BAUD`, `udp:HOST:PORT`, `worker`. */
  readonly address: string;
  /** Milliseconds UTC since when `link` holds. */
  readonly since: number;
  /** Milliseconds UTC of the last answer; left out when there was none. */
  readonly lastSeen?: number | undefined;
  /** Why the link is lost, for people; left out while the node was not looked at yet. */
  readonly lastError?: string | undefined;
  /** Name of the other bridge that the node belongs to; left out where that is this one, or nobody's. */
  readonly owner?: string | undefined;
  /** `coap://…` of the UDP port opened for this node. */
  readonly coap?: string | undefined;
  /** Milliseconds until `/node` is answered, smoothed; left out where nothing was measured. */
  readonly roundTripMs?: number | undefined;
  /** What the configuration calls it, for who chooses nodes; left out where there are none. */
  readonly tags?: readonly string[];
}

/** What was counted on the way to a node since the bridge knows it. */
export interface NodeTraffic {
  readonly link: Readonly<LinkCounters>;
  readonly coap: Readonly<CoapCounters>;
}

/** An answer that a node need not be asked for. */
export interface KeptAnswer {
  /** Of its payload. */
  readonly bytes: number;
  /** With its present age, within a second the same object; undefined for good once it is stale or was replaced. */
  response(): NodeResponse | undefined;
}

export interface NodePort {
  /** `[a-z][a-z0-9-]{0,31}`, unique in a registry. */
  readonly name: string;
  /**
   * Resolves with the node's answer, also when that is an error. Rejects with RadonError NODE_UNREACHABLE when the
   * node does not answer, or with the signal's reason; an aborted request may still take effect.
   */
  request(request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse>;
  /** The same, but a kept answer is there at once; left out where no answers are kept. */
  ask?(request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse> | NodeResponse;
  /** Observes a resource with GET (RFC 7641). Survives a lost link; ends on an error of the node. */
  observe(request: NodeRequest, listener: ObservationListener): Observation;
  /** Whether a GET would be answered without the node; left out where no answers are kept. */
  isFresh?(request: NodeRequest): boolean;
  /** What is kept of a GET, for who asks the same again and again; undefined where nothing is. */
  kept?(request: NodeRequest): KeptAnswer | undefined;
  state(): NodeState;
  /** Left out, or undefined, for a node without a link. */
  traffic?(): NodeTraffic | undefined;
  /** Calls `changed` after every change of the link, the last error or the owner in `state()`; the result stops that. */
  watch(changed: () => void): () => void;
  /** Idempotent. Pending requests reject, observations fall silent. */
  close(): Promise<void>;
}

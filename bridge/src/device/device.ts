/** One board behind a link: a NodePort that comes back by itself, keeps its clock and says what its link does. */
import { CoapError } from '../coap/errors.ts';
import { errorOfExchange } from '../coap/problem.ts';
import type { CoapClient, CoapResponse } from '../coap/types.ts';
import { decodeFields, type FieldValue } from '../fields/index.ts';
import type { Link, LinkState } from '../link/link.ts';
import { RadonError } from '../problem/error.ts';
import type {
  NodeKind,
  NodeLink,
  NodePort,
  NodeRequest,
  NodeResponse,
  NodeState,
  NodeTraffic,
  Observation,
  ObservationListener,
  Upstream,
} from '../registry/node.ts';
import { contentFormat, method } from '../tables/index.ts';
import { clientRequestOf, nodeResponseOf, requestOptionsOf } from './answer.ts';
import { createDeviceObservation, type DeviceObservation } from './device-observation.ts';
import { type BoardLease, type BridgeIdentity, createBoardLease } from './lease.ts';
import { type Logger, silentLogger } from './logger.ts';
import { sendPiece } from './pieces.ts';
import { createUpstreamServer, type UpstreamServer } from './upstream-server.ts';
import { watchLink } from './watched-link.ts';

export interface DeviceOptions {
  readonly name: string;
  /** Kept up by its own means (`createReconnectingLink`); closed with the device. */
  readonly link: Link;
  /** Makes the CoAP client of the link; it is attached before this returns. `server` serves what the board asks for. */
  readonly createClient: (link: Link, server: UpstreamServer) => CoapClient;
  /** Where the board's atoms reach other nodes; without one every request of the board is 4.04. */
  readonly upstream?: Upstream;
  readonly logger?: Logger;
  /** Whose the board is to be; left out, nobody's. */
  readonly bridge?: BridgeIdentity | undefined;
  /** A foreign server is only pinged, and told no time (default `device`). */
  readonly kind?: NodeKind;
  /** `coap://…` of the UDP port opened for this board, for its state. */
  readonly coap?: string;
  /** Milliseconds between two looks at `/node` (default 5,000): finds boards that hang or were reset. */
  readonly heartbeatMs?: number;
  /** UTC in milliseconds (default Date.now). */
  readonly clock?: () => number;
}

/** What `/node` says that matters here. */
interface Greeting {
  /** Left out where the node does not announce it. */
  readonly nstart: number | undefined;
  readonly uptimeMs: number;
}

const firstProbeMs = 100;
/** How long a board that is given up may take to say so, milliseconds. */
const farewellMs = 1_000;
const minuteMs = 60_000;
/** Share of a new measurement in the smoothed round-trip time (RFC 6298 section 2). */
const roundTripShare = 1 / 8;

export function createDevice(options: DeviceOptions): NodePort {
  return new Device(options);
}

class Device implements NodePort {
  readonly name: string;
  readonly #client: CoapClient;
  readonly #link: Link;
  readonly #logger: Logger;
  readonly #clock: () => number;
  readonly #coap: string | undefined;
  readonly #kind: NodeKind;
  readonly #lease: BoardLease;
  readonly #heartbeatMs: number;
  readonly #observations = new Set<DeviceObservation>();
  readonly #watchers = new Set<() => void>();
  readonly #closing = new AbortController();
  #state: NodeLink = 'lost';
  #since: number;
  #lastSeen: number | undefined;
  #lastError: string | undefined;
  #roundTripMs: number | undefined;
  #uptimeMs = 0;
  #clockSetAt = 0;
  #delayMs = firstProbeMs;
  #timer: NodeJS.Timeout | undefined;
  /** The look at the board that is under way. */
  #looking: AbortController | undefined;

  constructor(options: DeviceOptions) {
    this.name = options.name;
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? Date.now;
    this.#coap = options.coap;
    this.#kind = options.kind ?? 'device';
    this.#lease = createBoardLease({
      identity: options.bridge,
      clock: this.#clock,
      refused: (sentence) => this.#logger.warn(`${this.name}: ${sentence}`),
      changed: () => this.#tellWatchers(),
    });
    this.#heartbeatMs = options.heartbeatMs ?? 5_000;
    this.#since = this.#clock();
    this.#link = watchLink(options.link, {
      state: (state, cause) => this.#onLinkState(state, cause),
      diagnostic: (text) => this.#logger.info(`${this.name}: ${text.trimEnd()}`),
    });
    this.#client = options.createClient(this.#link, createUpstreamServer(options.upstream));
    this.#schedule(0);
  }

  state(): NodeState {
    return {
      name: this.name,
      kind: this.#kind,
      link: this.#state,
      address: this.#link.name,
      since: this.#since,
      lastSeen: this.#lastSeen,
      lastError: this.#lastError,
      coap: this.#coap,
      owner: this.#lease.owner,
      roundTripMs: this.#roundTripMs && Math.round(this.#roundTripMs * 10) / 10,
    };
  }

  traffic(): NodeTraffic {
    return { link: this.#link.counters, coap: this.#client.counters };
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  request(request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse> {
    if (this.#link.state !== 'up') return Promise.reject(this.#unreachable());
    const answer =
      request.part === undefined
        ? this.#client.request(clientRequestOf(request), requestOptionsOf(request, signal))
        : sendPiece(this.#client, request, request.part, signal);
    return answer.then(this.#answered, this.#failed);
  }

  observe(request: NodeRequest, listener: ObservationListener): Observation {
    const observation = createDeviceObservation(this.name, this.#client, request, listener, () => {
      this.#observations.delete(observation);
    });
    this.#observations.add(observation);
    if (this.#state === 'up') observation.start();
    else queueMicrotask(() => observation.lose());
    return observation;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(this.#unreachable());
    clearTimeout(this.#timer);
    this.#looking?.abort();
    for (const observation of [...this.#observations]) observation.close();
    this.#watchers.clear();
    await this.#giveUpLease();
    await this.#client.close();
    await this.#link.close();
  }

  /** What comes of a request tells how the link is. */
  readonly #answered = (response: CoapResponse): NodeResponse => {
    this.#lastSeen = this.#clock();
    if (this.#state === 'lost' && this.#looking === undefined) this.#schedule(0);
    return nodeResponseOf(response);
  };

  readonly #failed = (error: unknown): never => {
    if (error instanceof CoapError && error.code === 'TIMEOUT') this.#setLost(reasonOf(error));
    throw errorOfExchange(error, this.name);
  };

  #onLinkState(state: LinkState, cause?: Error): void {
    if (state === 'up') this.#schedule(0);
    else this.#setLost(cause?.message ?? 'closed');
  }

  /** Looks at the board after a while, in place of the look planned before. */
  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#look(), delayMs);
  }

  /** One at a time: a newer one replaces an older one that still waits for a board that was reset meanwhile. */
  async #look(): Promise<void> {
    if (this.#link.state !== 'up') return;
    this.#looking?.abort();
    const looking = new AbortController();
    this.#looking = looking;
    try {
      await this.#judge(await this.#greet(looking.signal));
      if (this.#looking === looking) this.#schedule(this.#heartbeatMs);
    } catch (error) {
      if (this.#looking === looking) this.#retry(error);
    } finally {
      if (this.#looking === looking) this.#looking = undefined;
    }
  }

  async #greet(signal: AbortSignal): Promise<Greeting> {
    if (this.#kind === 'foreign') return this.#ping(signal);
    const request = { method: method.GET, path: ['node'], accept: contentFormat.CBOR };
    const askedAt = performance.now();
    const response = await this.#client.request(request, { signal });
    this.#measureRoundTrip(performance.now() - askedAt);
    this.#lastSeen = this.#clock();
    return greetingOf(response);
  }

  #measureRoundTrip(ms: number): void {
    this.#roundTripMs ??= ms;
    this.#roundTripMs += roundTripShare * (ms - this.#roundTripMs);
  }

  async #ping(signal: AbortSignal): Promise<Greeting> {
    this.#measureRoundTrip(await this.#client.ping({ signal }));
    this.#lastSeen = this.#clock();
    return { nstart: undefined, uptimeMs: 0 };
  }

  async #judge({ uptimeMs, nstart }: Greeting): Promise<void> {
    const wasReset = uptimeMs < this.#uptimeMs;
    this.#uptimeMs = uptimeMs;
    if (nstart !== undefined) this.#client.setNstart(nstart);
    if (this.#state === 'lost') await this.#setUp();
    else if (wasReset) await this.#welcomeBack();
    else await this.#keep();
  }

  /** What a board is told now and then. */
  async #keep(): Promise<void> {
    await this.#lease.keep(this.#client, this.#closing.signal);
    if (this.#clock() - this.#clockSetAt > minuteMs) await this.#setTime();
  }

  #retry(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#setLost(reasonOf(error));
    this.#schedule(this.#delayMs);
    this.#delayMs = Math.min(2 * this.#delayMs, this.#heartbeatMs);
  }

  async #setUp(): Promise<void> {
    this.#delayMs = firstProbeMs;
    this.#change('up', undefined);
    this.#logger.info(`${this.name}: up on ${this.#link.name}`);
    await this.#claim();
    await this.#setTime();
    this.#observeAgain();
  }

  /** The board was reset while its link stayed up: it forgot the time and its observers. */
  async #welcomeBack(): Promise<void> {
    this.#logger.info(`${this.name}: was reset`);
    for (const observation of [...this.#observations]) observation.lose();
    await this.#claim();
    await this.#setTime();
    this.#observeAgain();
  }

  /** Whatever observes over the client of this board: the hop on its UDP port has observations of its own. */
  #observeAgain(): void {
    this.#client.refreshObservations();
    for (const observation of [...this.#observations]) observation.start();
  }

  #setLost(reason: string): void {
    if (this.#closing.signal.aborted) return;
    this.#uptimeMs = 0;
    if (this.#state === 'lost') {
      this.#explain(reason);
      return;
    }
    this.#change('lost', reason);
    this.#logger.warn(`${this.name}: lost, ${reason}`);
    for (const observation of [...this.#observations]) observation.lose();
    this.#schedule(firstProbeMs);
  }

  #change(state: NodeLink, reason: string | undefined): void {
    this.#state = state;
    this.#since = this.#clock();
    this.#lastError = reason;
    this.#tellWatchers();
  }

  /** Another reason why the board is lost still. */
  #explain(reason: string): void {
    if (reason === this.#lastError) return;
    this.#lastError = reason;
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    for (const changed of [...this.#watchers]) changed();
  }

  /** A board that does not answer any more is free when the lease runs out. */
  async #giveUpLease(): Promise<void> {
    if (this.#state === 'lost') return;
    await this.#lease.giveUp(this.#client, AbortSignal.timeout(farewellMs)).catch(() => undefined);
  }

  #claim(): Promise<void> {
    this.#lease.forget();
    return this.#lease.keep(this.#client, this.#closing.signal);
  }

  /** The clock is its owner's business. A node without a clock of its own answers 4.04 or 4.05: that is no reason to give up. */
  async #setTime(): Promise<void> {
    this.#clockSetAt = this.#clock();
    if (this.#kind === 'foreign' || this.#lease.owner !== undefined) return;
    const payload = new TextEncoder().encode(String(Math.round(this.#clockSetAt)));
    await this.#client.request(
      { method: method.PUT, path: ['time'], payload, contentFormat: contentFormat.TEXT },
      { signal: this.#closing.signal },
    );
  }

  #unreachable(): RadonError {
    return new RadonError('NODE_UNREACHABLE', { name: this.name });
  }
}

/** Why a board is lost, for people. */
function reasonOf(error: unknown): string {
  if (error instanceof CoapError && error.code === 'TIMEOUT') return 'no answer';
  return error instanceof Error ? error.message : String(error);
}

/** A node that is no Radon board has defaults: it may be any CoAP server. */
function greetingOf(response: CoapResponse): Greeting {
  const isState = response.code >> 5 === 2 && response.contentFormat === contentFormat.CBOR;
  const fields = isState ? decodeFields(response.payload) : null;
  const nstart = numberOf(fields, 'nstart') ?? 0;
  return { nstart: nstart >= 1 ? nstart : undefined, uptimeMs: numberOf(fields, 'uptimeMs') ?? 0 };
}

function numberOf(fields: FieldValue, name: string): number | undefined {
  if (fields === null || typeof fields !== 'object' || fields instanceof Uint8Array) return undefined;
  const value: unknown = Reflect.get(fields, name);
  return typeof value === 'number' ? value : undefined;
}

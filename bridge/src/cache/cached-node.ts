/** A node whose fresh answers are kept: a NodePort in front of another (RFC 7252 section 5.6). */
import { code, isSafe } from '../coap/codes.ts';
import { sameBytes, toHex } from '../fields/index.ts';
import type {
  KeptAnswer,
  NodePort,
  NodeRequest,
  NodeResponse,
  NodeState,
  NodeTraffic,
  Observation,
  ObservationListener,
} from '../registry/node.ts';
import type { ObservationHub } from '../registry/observation-hub.ts';
import { method } from '../tables/index.ts';
import { observeAtomChanges } from './atom-changes.ts';
import { Flight, Flights, joinFlight } from './flight.ts';
import { atomKey, changedBy, keyOf } from './key.ts';
import type { Kept, Shelf } from './store.ts';

/** Requests since the cache was made: answered from it, by a node, by the answer another one waited for. */
export interface CacheCounters {
  hits: number;
  misses: number;
  shared: number;
  /** Of the misses: a node said that what was kept still holds. */
  revalidated: number;
}

export interface CachedNodeOptions {
  readonly node: NodePort;
  readonly shelf: Shelf;
  readonly observations: ObservationHub;
  readonly counters: CacheCounters;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** RFC 7252 section 5.10.5. */
const defaultMaxAge = 60;
const serverErrorClass = 5;
const noPayload = new Uint8Array(0);

export class CachedNode implements NodePort {
  readonly name: string;
  readonly #node: NodePort;
  readonly #shelf: Shelf;
  readonly #observations: ObservationHub;
  readonly #counters: CacheCounters;
  readonly #now: () => number;
  readonly #flights = new Flights();
  readonly #stopWatching: () => void;
  #atomChanges: Observation | undefined;
  /** Counts what made answers obsolete: one that was asked for before is not kept. */
  #generation = 0;

  constructor({ node, shelf, observations, counters, now }: CachedNodeOptions) {
    this.name = node.name;
    this.#node = node;
    this.#shelf = shelf;
    this.#observations = observations;
    this.#counters = counters;
    this.#now = now;
    this.#stopWatching = node.watch(() => this.#forget(''));
  }

  request(request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse> {
    const answer = this.ask(request, signal);
    return answer instanceof Promise ? answer : Promise.resolve(answer);
  }

  ask(request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse> | NodeResponse {
    if (request.method === method.GET) return this.#read(request, signal);
    return isSafe(request.method) ? this.#node.request(request, signal) : this.#change(request, signal);
  }

  observe(request: NodeRequest, listener: ObservationListener): Observation {
    const key = keyOf(request);
    return this.#node.observe(request, {
      next: (response) => {
        this.#generation += 1;
        this.#keep(key, request, response);
        listener.next(response);
      },
      lost: () => listener.lost(),
      back: () => listener.back(),
      end: (response) => listener.end(response),
    });
  }

  isFresh(request: NodeRequest): boolean {
    const kept = this.#shelf.peek(keyOf(request));
    return kept !== undefined && kept.freshUntil > this.#now();
  }

  kept(request: NodeRequest): KeptAnswer | undefined {
    if (request.method !== method.GET) return undefined;
    const kept = this.#shelf.peek(keyOf(request));
    if (kept === undefined) return undefined;
    return {
      bytes: kept.response.payload.length,
      response: () => (this.#shelf.use(kept) ? this.#answerKept(kept, request) : undefined),
    };
  }

  state(): NodeState {
    return this.#node.state();
  }

  traffic(): NodeTraffic | undefined {
    return this.#node.traffic?.();
  }

  watch(changed: () => void): () => void {
    return this.#node.watch(changed);
  }

  async close(): Promise<void> {
    this.#stopWatching();
    this.#atomChanges?.close();
    this.#forget('');
    await this.#node.close();
  }

  #read(request: NodeRequest, signal: AbortSignal | undefined): Promise<NodeResponse> | NodeResponse {
    const key = keyOf(request);
    const kept = this.#shelf.get(key);
    if (request.noCache) return this.#ask(key, kept, request, signal);
    const answer = this.#answerKept(kept, request);
    if (answer !== undefined) return answer;
    // Requests that came over other hops may wait for each other in a circle: none waits for another's answer.
    if (request.hopLimit !== undefined) return this.#ask(key, kept, request, signal);
    return this.#share(key, kept, request, signal);
  }

  #answerKept(kept: Kept | undefined, request: NodeRequest): NodeResponse | undefined {
    if (kept === undefined) return undefined;
    const now = this.#now();
    if (kept.freshUntil <= now) return undefined;
    this.#counters.hits += 1;
    return answerFrom(kept, request, now);
  }

  /** One request for all who ask the same meanwhile. */
  #share(
    key: string,
    kept: Kept | undefined,
    request: NodeRequest,
    signal: AbortSignal | undefined,
  ): Promise<NodeResponse> {
    const flightKey = key + etagKey(request.etags);
    const known = this.#flights.find(flightKey);
    if (known?.answer !== undefined) {
      this.#counters.shared += 1;
      return joinFlight(known, known.answer, signal);
    }
    const abort = signal === undefined ? undefined : new AbortController();
    const flight = new Flight(flightKey, abort);
    const answer = this.#ask(key, kept, request, abort?.signal, flight);
    flight.answer = answer;
    this.#flights.add(flight);
    abort?.signal.addEventListener('abort', () => this.#flights.remove(flight));
    return joinFlight(flight, answer, signal);
  }

  /** Asks the node, with the tag of what is kept, and keeps what it says. */
  #ask(
    key: string,
    kept: Kept | undefined,
    request: NodeRequest,
    signal: AbortSignal | undefined,
    flight?: Flight,
  ): Promise<NodeResponse> {
    this.#counters.misses += 1;
    const generation = this.#generation;
    const etag = kept?.response.etag;
    const asked = etag === undefined ? request : { ...request, etags: [...(request.etags ?? []), etag] };
    return this.#node.request(asked, signal).then(
      (response) => {
        if (flight !== undefined) this.#flights.remove(flight);
        const isCurrent = generation === this.#generation;
        const isStillValid = response.code === code.valid && sameTag(response.etag ?? etag, etag);
        if (kept !== undefined && isStillValid)
          return this.#revalidate(key, kept, request, response, isCurrent);
        if (isCurrent) this.#keep(key, request, response);
        return response;
      },
      (error: unknown) => {
        if (flight !== undefined) this.#flights.remove(flight);
        throw error;
      },
    );
  }

  #revalidate(
    key: string,
    kept: Kept,
    request: NodeRequest,
    { maxAge }: NodeResponse,
    isCurrent: boolean,
  ): NodeResponse {
    this.#counters.revalidated += 1;
    const again = this.#keptOf({ ...kept.response, maxAge });
    if (isCurrent) this.#shelf.put(key, again);
    return answerFrom(again, request, again.keptAt);
  }

  #change(request: NodeRequest, signal: AbortSignal | undefined): Promise<NodeResponse> {
    const changed = changedBy(request.path);
    this.#forget(changed);
    return this.#node.request(request, signal).then(
      (response) => {
        this.#forget(changed);
        return response;
      },
      (error: unknown) => {
        this.#forget(changed);
        throw error;
      },
    );
  }

  /** A 2.03 to the caller's own tag says nothing of what is kept here. */
  #keep(key: string, { path }: NodeRequest, response: NodeResponse): void {
    if (response.code === code.valid) return;
    const isWorthIt = response.code === code.content && (response.maxAge ?? defaultMaxAge) > 0;
    if (isWorthIt) this.#shelf.put(key, this.#keptOf(response));
    else this.#shelf.remove(key);
    if (isWorthIt && path[0] === 'a') this.#watchAtoms();
  }

  #keptOf(response: NodeResponse): Kept {
    const maxAge = response.maxAge ?? defaultMaxAge;
    const keptAt = this.#now();
    return { response: { ...response, maxAge }, keptAt, freshUntil: keptAt + maxAge * 1000 };
  }

  #forget(prefix: string): void {
    this.#generation += 1;
    this.#flights.clear();
    if (this.#shelf.size > 0) this.#shelf.removeBelow(prefix);
  }

  /** From the first answer of an atom on: boards have few places for observers. Where none is free, with the next answer. */
  #watchAtoms(): void {
    this.#atomChanges ??= observeAtomChanges(this.#observations, this, {
      changed: (atom) => this.#forget(atomKey(atom)),
      ended: ({ code: answer }) => {
        const isInTrouble = answer >> 5 === serverErrorClass;
        if (isInTrouble) this.#atomChanges = undefined;
      },
    });
  }
}

/** 2.03 to who holds what is kept. */
function answerFrom(kept: Kept, { etags }: NodeRequest, now: number): NodeResponse {
  const { response, keptAt } = kept;
  const age = Math.floor((now - keptAt) / 1000);
  const { etag } = response;
  const isHeld = etag !== undefined && etags?.some((held) => sameBytes(held, etag));
  if (isHeld) return { code: code.valid, payload: noPayload, etag, maxAge: response.maxAge, age };
  if (kept.told?.age !== age) kept.told = { ...response, age };
  return kept.told;
}

function sameTag(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && sameBytes(a, b);
}

function etagKey(etags: readonly Uint8Array[] | undefined): string {
  return etags === undefined ? '' : `=${etags.map(toHex).join()}`;
}

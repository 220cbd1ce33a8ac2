/** A CoAP context: message layer, client and server over one link, driven by its datagrams and one wake-up timer. */
import { type Clock, systemClock } from '../link/clock.ts';
import type { DatagramBatch, Endpoint, Link } from '../link/link.ts';
import { Requester } from './client.ts';
import { abortError, exchangeError } from './client-exchange.ts';
import { ClientObservation } from './client-observation.ts';
import { emptyCode, messageType } from './codes.ts';
import { Effects, type LayerEvent } from './effects.ts';
import { CoapError } from './errors.ts';
import type { LayerHost } from './host.ts';
import { createMessageLayer, type MessageLayer } from './layer-state.ts';
import { step } from './message-layer.ts';
import { recordOf, registrationOf } from './observer-records.ts';
import { Outgoing } from './outgoing.ts';
import { Server } from './server.ts';
import { failAll, pumpAll, submit, withdraw } from './transmission.ts';
import type {
  ClientRequest,
  CoapContext,
  CoapContextOptions,
  CoapCounters,
  CoapResponse,
  Observation,
  Observer,
  ObserverRecord,
  RequestOptions,
} from './types.ts';

const settled = Promise.resolve();
const defaultDedupCapacity = 1 << 20;

/** Client and server over one link, which the context owns and closes. */
export function createCoapContext(link: Link, options: CoapContextOptions = {}): CoapContext {
  return new Context(link, options);
}

class Context implements CoapContext {
  readonly link: Link;
  private readonly clock: Clock;
  private readonly layer: MessageLayer;
  private readonly out = new Effects();
  private readonly host: LayerHost;
  private readonly server: Server;
  private readonly requester: Requester;
  private readonly observations = new Set<ClientObservation>();
  private readonly closing = new AbortController();
  /** What `closing` says, for the many who ask. */
  private isClosed = false;
  private isStepping = false;
  private isKicked = false;
  private wakeTime = Number.POSITIVE_INFINITY;
  private cancelWake: (() => void) | undefined;

  constructor(link: Link, options: CoapContextOptions) {
    this.link = link;
    this.clock = options.clock ?? systemClock;
    this.layer = createMessageLayer(
      {
        timing: link.timing,
        nstart: options.nstart ?? link.timing.nstart,
        dedupCapacity: options.dedupCapacity ?? defaultDedupCapacity,
        random: this.clock.random,
        signal: this.closing.signal,
      },
      this.clock.now(),
    );
    this.host = {
      layer: this.layer,
      out: this.out,
      now: () => this.clock.now(),
      kick: () => this.kick(),
      wakeAt: (atMs, wake) => this.clock.wakeAt(atMs, wake),
    };
    this.server = new Server(this.host, options);
    this.requester = new Requester(this.host);
    link.attach({
      datagrams: (batch) => this.run(batch),
      state: (state) => state === 'closed' && this.shutDown(),
    });
  }

  get counters(): Readonly<CoapCounters> {
    return this.layer.counters;
  }

  get observers(): number {
    return this.server.observers.size;
  }

  observerRecords(): readonly ObserverRecord[] {
    return this.server.observers.list().map(recordOf);
  }

  watchObservers(changed: () => void): () => void {
    return this.server.observers.watch(changed);
  }

  resumeObservers(records: readonly ObserverRecord[]): void {
    for (const record of records) {
      const request = registrationOf(record, this.link, this.closing.signal);
      if (request !== undefined) this.server.resume(request, record.sequence);
    }
    this.kick();
  }

  request(request: ClientRequest, options: RequestOptions = {}): Promise<CoapResponse> {
    try {
      this.checkOpen();
      return this.requester.request(request, this.destination(options), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  observe(request: ClientRequest, observer: Observer, options: RequestOptions = {}): Observation {
    this.checkOpen();
    const to = this.destination(options);
    const observation: ClientObservation = new ClientObservation(
      this.host,
      this.requester,
      request,
      to,
      observer,
      options,
      () => this.observations.delete(observation),
    );
    this.observations.add(observation);
    return observation;
  }

  refreshObservations(): void {
    for (const observation of this.observations) observation.refresh();
  }

  /** RFC 7252 section 4.3: an empty CON, which provokes an RST. */
  ping(options: RequestOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      this.checkOpen();
      const to = this.destination(options);
      const { signal } = options;
      const startedAt = this.clock.now();
      const outgoing = new Outgoing(to, messageType.con, emptyCode, new Uint8Array(0), {
        response: () => undefined,
        failed: (errorCode) => {
          signal?.removeEventListener('abort', abort);
          if (errorCode === 'RESET') resolve(this.clock.now() - startedAt);
          else reject(exchangeError(errorCode, to));
        },
      });
      const abort = (): void => {
        withdraw(this.layer, outgoing, this.clock.now(), this.out);
        if (signal !== undefined) reject(abortError(signal));
      };
      signal?.addEventListener('abort', abort, { once: true });
      submit(this.layer, outgoing, startedAt, this.out);
      this.kick();
    });
  }

  setNstart(nstart: number, to?: Endpoint): void {
    const now = this.clock.now();
    if (to === undefined) this.layer.peers.setNstart(nstart);
    else {
      const peer = this.layer.peers.take(to, now);
      if (peer !== undefined) peer.nstart = nstart;
    }
    pumpAll(this.layer, now, this.out);
    this.kick();
  }

  async close(): Promise<void> {
    this.shutDown();
    await this.link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private checkOpen(): void {
    if (this.isClosed) throw new CoapError('CLOSED', `${this.link.name} is closed`);
  }

  private destination(options: RequestOptions): Endpoint {
    const to = options.to ?? this.link.remote;
    if (to === undefined) throw new TypeError(`${this.link.name} has many endpoints: say which in "to"`);
    return to;
  }

  /** One step: everything that arrived, everything that is due, everything that follows from it, one flush. */
  private run(batch: DatagramBatch | undefined): void {
    if (this.isClosed) return;
    this.isStepping = true;
    step(this.layer, batch, this.clock.now(), this.out);
    this.dispatch();
    this.isStepping = false;
    this.out.flush(this.link);
    this.scheduleWake();
  }

  /** Submissions of one turn leave together. */
  private kick(): void {
    if (this.isStepping || this.isKicked) return;
    this.isKicked = true;
    // A microtask like any other, but for what queueMicrotask has to remember of who asked.
    void settled.then(this.afterKick);
  }

  private readonly afterKick = (): void => {
    this.isKicked = false;
    this.dispatch();
    this.out.flush(this.link);
    this.scheduleWake();
  };

  private dispatch(): void {
    while (this.out.events.length > 0) {
      for (const event of this.out.takeEvents()) {
        try {
          this.deliver(event);
        } catch (error) {
          // A listener's own fault must not stop the step; it surfaces as an uncaught exception, as in an EventTarget.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
  }

  private deliver(event: LayerEvent): void {
    switch (event.kind) {
      case 'request':
        this.server.serve(event.request);
        return;
      case 'response':
        event.outgoing.events?.response(event.message);
        return;
      case 'acknowledged':
        event.outgoing.events?.acknowledged?.();
        return;
      case 'retransmitted':
        event.outgoing.events?.retransmitted?.();
        return;
      case 'failed':
        event.outgoing.events?.failed(event.code);
        return;
      case 'reset':
        this.server.reset(event.from, event.messageId);
    }
  }

  private scheduleWake(): void {
    const { next } = this.layer.timers;
    if (next >= this.wakeTime) return;
    this.cancelWake?.();
    this.wakeTime = next;
    this.cancelWake = this.clock.wakeAt(next, () => {
      this.wakeTime = Number.POSITIVE_INFINITY;
      this.run(undefined);
    });
  }

  private shutDown(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.closing.abort();
    this.cancelWake?.();
    for (const observation of [...this.observations]) observation.stop();
    this.server.close();
    failAll(this.layer, 'CLOSED', this.clock.now(), this.out);
    this.dispatch();
    this.layer.dedup.clear();
    this.layer.peers.clear();
  }
}

import type { OwnRequest, OwnResponse } from '../messages.ts';
import { Signal } from './signal.ts';

/** A request that an instance made; it holds a `pending` place until its last RESPONSE was handled. */
export interface PendingRequest {
  readonly id: number;
  readonly request: OwnRequest;
  /** Number of the instance. */
  readonly instance: number;
  /** Waits while a response does. */
  readonly signal: Signal;
  /** The newest one that was not handled. */
  response: OwnResponse | undefined;
  /** It was answered and goes on: an observation. */
  isObserving: boolean;
}

/** The requests and observations of one atom, by id. */
export class OwnRequests {
  readonly #requests = new Map<number, PendingRequest>();

  get size(): number {
    return this.#requests.size;
  }

  /** In the order of their ids. */
  all(): Iterable<PendingRequest> {
    return this.#requests.values();
  }

  add(request: OwnRequest, instance: number): void {
    const { id } = request;
    const signal = new Signal();
    this.#requests.set(id, { id, request, instance, signal, response: undefined, isObserving: false });
  }

  find(id: number): PendingRequest | undefined {
    return this.#requests.get(id);
  }

  /** A response arrived; one that was not handled yet is replaced. False when nobody waits for it. */
  receive(response: OwnResponse, nextPlace: () => number): boolean {
    const request = this.#requests.get(response.id);
    if (request === undefined) return false;
    if (!request.signal.waiting) request.signal.raise(nextPlace());
    request.response = response;
    request.isObserving = response.more;
    return true;
  }

  remove(id: number): void {
    this.#requests.delete(id);
  }

  /** Whether an instance waits for the answer to one of its requests. */
  isAwaited(instance: number): boolean {
    for (const request of this.#requests.values()) {
      if (request.instance === instance && !(request.isObserving && !request.signal.waiting)) return true;
    }
    return false;
  }

  /** Forgets those of an instance; answers their ids. */
  forget(instance: number): number[] {
    const own = [...this.#requests.values()].filter((request) => request.instance === instance);
    for (const { id } of own) this.#requests.delete(id);
    return own.map(({ id }) => id);
  }
}

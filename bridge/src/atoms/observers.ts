import type { NodeRequest, NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { isSuccess } from './responses.ts';

interface Observer {
  readonly request: NodeRequest;
  readonly listener: ObservationListener;
  readonly read: (request: NodeRequest) => NodeResponse;
}

/** Observers of the node's own resources, by path. Several changes in one turn are one notification. */
export class Observers {
  readonly #byPath = new Map<string, Set<Observer>>();
  readonly #changed = new Set<string>();

  /** `read` answers the observer's request; an error ends the observation. */
  add(
    path: string,
    request: NodeRequest,
    listener: ObservationListener,
    read: (request: NodeRequest) => NodeResponse,
  ): Observation {
    const observer = { request, listener, read };
    const observers = this.#byPath.get(path) ?? new Set();
    this.#byPath.set(path, observers.add(observer));
    queueMicrotask(() => this.#tell(observers, observer));
    return { close: () => void observers.delete(observer) };
  }

  /** The resource is another now. */
  changed(path: string): void {
    if (this.#changed.size === 0) setImmediate(() => this.#flush());
    this.#changed.add(path);
  }

  close(): void {
    for (const observers of this.#byPath.values()) observers.clear();
  }

  #flush(): void {
    const paths = [...this.#changed];
    this.#changed.clear();
    for (const path of paths) {
      const observers = this.#byPath.get(path) ?? new Set();
      for (const observer of [...observers]) this.#tell(observers, observer);
      if (observers.size === 0) this.#byPath.delete(path);
    }
  }

  #tell(observers: Set<Observer>, observer: Observer): void {
    if (!observers.has(observer)) return;
    const response = observer.read(observer.request);
    if (isSuccess(response)) {
      observer.listener.next(response);
      return;
    }
    observers.delete(observer);
    observer.listener.end(response);
  }
}

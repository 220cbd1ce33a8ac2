/** One upstream observation per node, resource and format, however many listen. */
import type { NodeRequest, NodeResponse, Observation, ObservationListener } from './node.ts';

/** What can be observed: a node, or what stands for several. */
export interface Observable<Told extends NodeResponse = NodeResponse> {
  observe(request: NodeRequest, listener: ObservationListener<Told>): Observation;
}

export interface ObservationHub<Told extends NodeResponse = NodeResponse> {
  /** Like `node.observe`, but shares the observation; a late listener gets the latest value first. */
  observe(node: Observable<Told>, request: NodeRequest, listener: ObservationListener<Told>): Observation;
  /** Upstream observations at present. */
  readonly size: number;
  /** Ends the observations of a node that is removed: `response` is the last its listeners hear. */
  end(node: Observable<Told>, response: NodeResponse): void;
  /** Ends every observation; listeners fall silent. */
  close(): void;
}

interface Shared<Told extends NodeResponse> {
  readonly listeners: Set<ObservationListener<Told>>;
  /** Of these, who has just come and is told in a moment how things stand. */
  readonly late: Set<ObservationListener<Told>>;
  latest: Told | undefined;
  isLost: boolean;
  upstream: Observation | undefined;
}

export function createObservationHub<Told extends NodeResponse = NodeResponse>(): ObservationHub<Told> {
  const sharedByNode = new Map<Observable<Told>, Map<string, Shared<Told>>>();

  function observe(
    node: Observable<Told>,
    request: NodeRequest,
    listener: ObservationListener<Told>,
  ): Observation {
    const byKey = sharedByNode.get(node) ?? new Map<string, Shared<Told>>();
    sharedByNode.set(node, byKey);
    const key = keyOf(request);
    const forget = () => {
      if (byKey.get(key) === shared) byKey.delete(key);
      if (byKey.size === 0) sharedByNode.delete(node);
    };
    const shared = byKey.get(key) ?? openShared(node, request, forget);
    byKey.set(key, shared);
    return join(shared, listener, forget);
  }

  return {
    observe,
    get size() {
      let count = 0;
      for (const byKey of sharedByNode.values()) count += byKey.size;
      return count;
    },
    end(node, response) {
      const ended = [...(sharedByNode.get(node)?.values() ?? [])];
      sharedByNode.delete(node);
      for (const { listeners, upstream } of ended) {
        const told = [...listeners];
        listeners.clear();
        upstream?.close();
        for (const listener of told) listener.end(response);
      }
    },
    close() {
      for (const byKey of sharedByNode.values()) {
        for (const shared of byKey.values()) {
          shared.listeners.clear();
          shared.upstream?.close();
        }
      }
      sharedByNode.clear();
    },
  };
}

function openShared<Told extends NodeResponse>(
  node: Observable<Told>,
  request: NodeRequest,
  forget: () => void,
): Shared<Told> {
  const shared: Shared<Told> = {
    listeners: new Set(),
    late: new Set(),
    latest: undefined,
    isLost: false,
    upstream: undefined,
  };
  const tellAll = (tell: (listener: ObservationListener<Told>) => void) => {
    for (const listener of [...shared.listeners]) if (!shared.late.has(listener)) tell(listener);
  };
  shared.upstream = node.observe(request, {
    next(response) {
      shared.latest = response;
      tellAll((listener) => listener.next(response));
    },
    lost() {
      shared.isLost = true;
      tellAll((listener) => listener.lost());
    },
    back() {
      shared.isLost = false;
      tellAll((listener) => listener.back());
    },
    end(response) {
      forget();
      shared.late.clear();
      tellAll((listener) => listener.end(response));
      shared.listeners.clear();
    },
  });
  return shared;
}

/** Adds a listener; the last one to leave closes the upstream observation. */
function join<Told extends NodeResponse>(
  shared: Shared<Told>,
  listener: ObservationListener<Told>,
  forget: () => void,
): Observation {
  const isLate = shared.latest !== undefined || shared.isLost;
  shared.listeners.add(listener);
  if (isLate) {
    shared.late.add(listener);
    queueMicrotask(() => catchUp(shared, listener));
  }
  return {
    close() {
      if (!shared.listeners.delete(listener) || shared.listeners.size > 0) return;
      forget();
      shared.upstream?.close();
    },
  };
}

function catchUp<Told extends NodeResponse>(shared: Shared<Told>, listener: ObservationListener<Told>): void {
  shared.late.delete(listener);
  if (!shared.listeners.has(listener)) return;
  if (shared.latest !== undefined) listener.next(shared.latest);
  if (shared.isLost) listener.lost();
}

function keyOf(request: NodeRequest): string {
  return JSON.stringify([request.path, request.query, request.accept ?? null]);
}

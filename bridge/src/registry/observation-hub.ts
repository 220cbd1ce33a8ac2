/** One upstream observation per node, resource and format, however many listen. */
import type { NodePort, NodeRequest, NodeResponse, Observation, ObservationListener } from './node.ts';

export interface ObservationHub {
  /** Like `node.observe`, but shares the observation; a late listener gets the latest value first. */
  observe(node: NodePort, request: NodeRequest, listener: ObservationListener): Observation;
  /** Upstream observations at present. */
  readonly size: number;
  /** Ends the observations of a node that is removed: `response` is the last its listeners hear. */
  end(node: NodePort, response: NodeResponse): void;
  /** Ends every observation; listeners fall silent. */
  close(): void;
}

interface Shared {
  readonly listeners: Set<ObservationListener>;
  latest: NodeResponse | undefined;
  isLost: boolean;
  upstream: Observation | undefined;
}

export function createObservationHub(): ObservationHub {
  const sharedByNode = new Map<NodePort, Map<string, Shared>>();

  function observe(node: NodePort, request: NodeRequest, listener: ObservationListener): Observation {
    const byKey = sharedByNode.get(node) ?? new Map<string, Shared>();
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

function openShared(node: NodePort, request: NodeRequest, forget: () => void): Shared {
  const shared: Shared = { listeners: new Set(), latest: undefined, isLost: false, upstream: undefined };
  const tellAll = (tell: (listener: ObservationListener) => void) => {
    for (const listener of [...shared.listeners]) tell(listener);
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
      tellAll((listener) => listener.end(response));
      shared.listeners.clear();
    },
  });
  return shared;
}

/** Adds a listener; the last one to leave closes the upstream observation. */
function join(shared: Shared, listener: ObservationListener, forget: () => void): Observation {
  const isLate = shared.latest !== undefined || shared.isLost;
  shared.listeners.add(listener);
  if (isLate) queueMicrotask(() => catchUp(shared, listener));
  return {
    close() {
      if (!shared.listeners.delete(listener) || shared.listeners.size > 0) return;
      forget();
      shared.upstream?.close();
    },
  };
}

function catchUp(shared: Shared, listener: ObservationListener): void {
  if (!shared.listeners.has(listener)) return;
  if (shared.latest !== undefined) listener.next(shared.latest);
  if (shared.isLost) listener.lost();
}

function keyOf(request: NodeRequest): string {
  return JSON.stringify([request.path, request.query, request.accept ?? null]);
}

/** A node whose answers a test writes down, and whose observers and link a test drives. For unit tests only. */
import type {
  NodeKind,
  NodeLink,
  NodePort,
  NodeRequest,
  NodeResponse,
  NodeState,
  Observation,
  ObservationListener,
} from '../../bridge/src/registry/node.ts';

export type Answer = (request: NodeRequest) => NodeResponse | Promise<NodeResponse>;

export interface ScriptedNode extends NodePort {
  /** Every request so far, oldest first. */
  readonly requests: readonly NodeRequest[];
  /** Observations that are open now. */
  readonly observers: readonly { readonly request: NodeRequest; readonly listener: ObservationListener }[];
  readonly isClosed: boolean;
  /** Sends every observer a representation. */
  notify(response: NodeResponse): void;
  setLink(link: NodeLink, lastError?: string): void;
}

export function createScriptedNode(name: string, answer: Answer, kind: NodeKind = 'device'): ScriptedNode {
  const requests: NodeRequest[] = [];
  const observers = new Set<{ readonly request: NodeRequest; readonly listener: ObservationListener }>();
  const watchers = new Set<() => void>();
  let link: NodeLink = 'up';
  let lastError: string | undefined;
  let isClosed = false;

  async function answerObserver(observer: {
    readonly request: NodeRequest;
    readonly listener: ObservationListener;
  }) {
    const response = await answer(observer.request);
    if (response.code >> 5 === 2) return observer.listener.next(response);
    observers.delete(observer);
    observer.listener.end(response);
  }

  return {
    name,
    requests,
    get observers() {
      return [...observers];
    },
    get isClosed() {
      return isClosed;
    },
    async request(request) {
      requests.push(request);
      return answer(request);
    },
    observe(request, listener): Observation {
      const observer = { request, listener };
      observers.add(observer);
      void answerObserver(observer);
      return { close: () => observers.delete(observer) };
    },
    notify(response) {
      for (const { listener } of [...observers]) listener.next(response);
    },
    setLink(next, reason) {
      link = next;
      lastError = reason;
      for (const { listener } of [...observers]) listener[next === 'up' ? 'back' : 'lost']();
      for (const changed of [...watchers]) changed();
    },
    state: (): NodeState => ({ name, kind, link, address: 'memory', since: 1, lastError }),
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    async close() {
      isClosed = true;
      observers.clear();
    },
  };
}

/** A response with text or bytes. */
export function response(
  code: number,
  payload: string | Uint8Array = '',
  contentFormat?: number,
): NodeResponse {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  return { code, payload: bytes, contentFormat, maxAge: 0 };
}

/** Between nodes: where their atoms' messages and requests go (docs/reference/wire.md#messages). */
import { internalError, problemReply, RadonError } from '../problem/index.ts';
import type {
  NodeResponse,
  Observation,
  ObservationListener,
  Upstream,
  UpstreamRequest,
} from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { createMessageRouting, type MessageRouting } from './message-routing.ts';
import { createNameDirectory } from './name-directory.ts';
import { createNodeRequests, type NodeRequests } from './node-requests.ts';
import { endSoon } from './observing.ts';
import { createOutsideRequests, type OutsideRequests } from './outside-requests.ts';

export interface RouterOptions {
  readonly registry: Registry;
  /** `host` (any port) or `host:port` that atoms may reach with `coap://` (default: none). */
  readonly requestHosts?: readonly string[];
  /** Told what the router did not expect; whoever asked gets INTERNAL_ERROR. */
  readonly onError?: (error: unknown) => void;
}

export interface Router {
  /** What the atoms of a node reach. */
  forNode(name: string): Upstream;
  /**
   * For clients: POST of `['m', name]` or `['m', node, name]`, or any request with `proxyUri`, which alone can be observed.
   * Answers as an upstream does.
   */
  readonly outside: Upstream;
  /** CoAP servers that are no nodes, where `requestHosts` lists them. */
  readonly servers: Pick<OutsideRequests, 'request' | 'observe'>;
  /** Ends what goes on with servers outside, and the look at names. Idempotent. */
  close(): Promise<void>;
}

interface Routes {
  readonly messages: MessageRouting;
  readonly nodes: NodeRequests;
  readonly servers: OutsideRequests;
  readonly onError: (error: unknown) => void;
}

export function createRouter({ registry, requestHosts = [], onError = () => {} }: RouterOptions): Router {
  const directory = createNameDirectory(registry);
  const messages = createMessageRouting(registry, directory);
  const nodes = createNodeRequests(registry);
  const servers = createOutsideRequests(requestHosts);
  const routes = { messages, nodes, servers, onError };
  const outside = async (request: UpstreamRequest, signal: AbortSignal | undefined) =>
    request.proxyUri === undefined
      ? messages.post(request, undefined, signal)
      : servers.request(request.proxyUri, request, signal);

  return {
    forNode: (name) => new NodeUpstream(name, routes),
    outside: {
      request: (request, signal) => answered(() => outside(request, signal), onError, signal),
      observe({ proxyUri = '', ...request }, listener) {
        try {
          return servers.observe(proxyUri, request, listener);
        } catch (error) {
          return endSoon(listener, answerOf(error, onError));
        }
      },
    },
    servers,
    async close() {
      directory.close();
      await servers.close();
    },
  };
}

/** Messages, requests and observations of one node that are served at a time. */
const mostOpen = 1_024;

class NodeUpstream implements Upstream {
  readonly #name: string;
  readonly #routes: Routes;
  #open = 0;

  constructor(name: string, routes: Routes) {
    this.#name = name;
    this.#routes = routes;
  }

  request(request: UpstreamRequest, signal?: AbortSignal): Promise<NodeResponse> {
    const forward = async () => {
      const leave = this.#enter();
      return this.#forward(request, signal).finally(leave);
    };
    return answered(forward, this.#routes.onError, signal);
  }

  observe(request: UpstreamRequest, listener: ObservationListener): Observation {
    try {
      const leave = this.#enter();
      return this.#observe(request, listener, leave);
    } catch (error) {
      return endSoon(listener, answerOf(error, this.#routes.onError));
    }
  }

  #forward(request: UpstreamRequest, signal: AbortSignal | undefined): Promise<NodeResponse> {
    const { messages, nodes, servers } = this.#routes;
    if (request.proxyUri !== undefined) return servers.request(request.proxyUri, request, signal);
    if (request.path[0] === 'm') return messages.post(request, this.#name, signal);
    return nodes.request(request, signal);
  }

  #observe(request: UpstreamRequest, listener: ObservationListener, leave: () => void): Observation {
    const { nodes, servers } = this.#routes;
    const counted = countedListener(listener, leave);
    try {
      const observation =
        request.proxyUri === undefined
          ? nodes.observe(request, counted)
          : servers.observe(request.proxyUri, request, counted);
      return {
        close() {
          leave();
          observation.close();
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** The result gives the place back, once. RadonError BUSY when none is left. */
  #enter(): () => void {
    if (this.#open >= mostOpen) throw new RadonError('BUSY', { detail: `requests of ${this.#name}` });
    this.#open += 1;
    let isIn = true;
    return () => {
      if (isIn) this.#open -= 1;
      isIn = false;
    };
  }
}

function countedListener(listener: ObservationListener, leave: () => void): ObservationListener {
  return {
    next: (response) => listener.next(response),
    lost: () => listener.lost(),
    back: () => listener.back(),
    end(response) {
      leave();
      listener.end(response);
    },
  };
}

/** What work resolves with, or the answer that stands for its failure. Only the caller's own abort rejects. */
async function answered(
  work: () => Promise<NodeResponse>,
  onError: Routes['onError'],
  signal: AbortSignal | undefined,
): Promise<NodeResponse> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted) throw error;
    return answerOf(error, onError);
  }
}

function answerOf(error: unknown, onError: Routes['onError']): NodeResponse {
  if (error instanceof RadonError) return problemReply(error);
  onError(error);
  return problemReply(internalError(error));
}

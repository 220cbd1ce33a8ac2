import { problemReply, RadonError } from '../problem/index.ts';
import { checkAtomRights } from '../registry/atom-rights.ts';
import type {
  NodeResponse,
  Observation,
  ObservationListener,
  Upstream,
  UpstreamRequest,
} from '../registry/node.ts';
import { abiError, abiLimits } from '../tables/index.ts';
import { parseRequestUri, type RequestTarget } from './activation/request-uri.ts';
import { errorResponse } from './atom-resources.ts';
import type { OwnRequest, OwnResponse } from './messages.ts';

/** Who serves a request: the node itself, or the bridge for other nodes and hosts. */
type Server = Pick<Upstream, 'request' | 'observe'>;

export interface RequestClientParts {
  /** Of the node. */
  readonly name: string;
  readonly own: Server;
  readonly upstream: Upstream | undefined;
  /** Largest body that an atom takes. */
  bodyLimit(index: number): number;
  respond(index: number, response: OwnResponse): void;
}

interface Open {
  readonly index: number;
  readonly id: number;
  readonly timer: NodeJS.Timeout;
  end(): void;
}

const noBytes = new Uint8Array(0);

/** Makes the requests of atoms: docs/reference/runtime-interface.md#own-requests. */
export class RequestClient {
  readonly #parts: RequestClientParts;
  readonly #open = new Map<string, Open>();

  constructor(parts: RequestClientParts) {
    this.#parts = parts;
  }

  make(request: OwnRequest): void {
    const target = parseRequestUri(request.uri);
    const server = target && this.#serverOf(target);
    if (target === undefined || server === undefined) this.#failed(request, abiError.E_NO_ROUTE);
    else if (request.observe) this.#observe(request, server, this.#nodeRequest(request, target));
    else this.#ask(request, server, this.#nodeRequest(request, target));
  }

  /** An atom does not wait for an answer any more, or for none (`id` left out). */
  cancel(index: number, id?: number): void {
    for (const open of [...this.#open.values()]) {
      if (open.index === index && (id === undefined || open.id === id)) this.#close(open);
    }
  }

  close(): void {
    for (const open of [...this.#open.values()]) this.#close(open);
  }

  #serverOf({ node, proxyUri }: RequestTarget): Server | undefined {
    const isOwn = proxyUri === undefined && (node === undefined || node === this.#parts.name);
    return isOwn ? this.#parts.own : this.#parts.upstream;
  }

  #nodeRequest({ method: code, format, payload, hops }: OwnRequest, target: RequestTarget): UpstreamRequest {
    const { node, proxyUri, path, query } = target;
    const isAway = node !== undefined && node !== this.#parts.name;
    return {
      method: code,
      path: isAway ? ['nodes', node, ...path] : path,
      query,
      payload,
      contentFormat: format < 0 ? undefined : format,
      hopLimit: hops,
      proxyUri,
    };
  }

  #ask(own: OwnRequest, server: Server, request: UpstreamRequest): void {
    const controller = new AbortController();
    const open = this.#begin(own, () => controller.abort());
    const answer = server.request(request, controller.signal).catch(errorResponse);
    void answer.then((response) => this.#answered(open, response, false));
  }

  #observe(own: OwnRequest, server: Server, request: UpstreamRequest): void {
    let observation: Observation | undefined;
    const open = this.#begin(own, () => observation?.close());
    observation = server.observe(request, {
      next: (response) => this.#answered(open, response, true),
      lost: () => undefined,
      back: () => undefined,
      end: (response) => this.#answered(open, response, false),
    });
  }

  #begin({ index, id }: OwnRequest, end: () => void): Open {
    const timer = setTimeout(() => this.#expired(open), abiLimits.requestTimeoutMs);
    timer.unref();
    const open: Open = { index, id, timer, end };
    this.#open.set(keyOf(open), open);
    return open;
  }

  #expired(open: Open): void {
    this.#close(open);
    this.#failed(open, abiError.E_TIMEOUT);
  }

  #answered(open: Open, { code, contentFormat, payload }: NodeResponse, more: boolean): void {
    if (this.#open.get(keyOf(open)) !== open) return;
    const { index, id } = open;
    if (payload.length > this.#parts.bodyLimit(index)) {
      this.#close(open);
      this.#failed(open, abiError.E_TOO_BIG);
      return;
    }
    clearTimeout(open.timer);
    if (!more) this.#open.delete(keyOf(open));
    const format = contentFormat ?? -1;
    this.#parts.respond(index, { id, code, format, payload: new Uint8Array(payload), error: 0, more });
  }

  #failed({ index, id }: Pick<Open, 'index' | 'id'>, error: number): void {
    this.#parts.respond(index, { id, code: 0, format: -1, payload: noBytes, error, more: false });
  }

  #close(open: Open): void {
    clearTimeout(open.timer);
    this.#open.delete(keyOf(open));
    open.end();
  }
}

function keyOf({ index, id }: Pick<Open, 'index' | 'id'>): string {
  return `${index} ${id}`;
}

/** What atoms may do on a node: GET anywhere but of snapshots, anything below `/a` and `/m`. */
export function withAtomRights(server: Server): Server {
  return {
    request: async (request, signal) => {
      checkAtomRights(request);
      return await server.request(request, signal);
    },
    observe: (request, listener) => {
      try {
        checkAtomRights(request);
        return server.observe(request, listener);
      } catch (error) {
        return refuse(error, listener);
      }
    },
  };
}

function refuse(error: unknown, listener: ObservationListener): Observation {
  if (!(error instanceof RadonError)) throw error;
  let isClosed = false;
  queueMicrotask(() => {
    if (!isClosed) listener.end(problemReply(error));
  });
  return {
    close: () => {
      isClosed = true;
    },
  };
}

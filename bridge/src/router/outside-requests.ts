/** Requests of atoms to CoAP servers that are no nodes: `coap://…`, where the configuration lists the host. */
import { isIP } from 'node:net';
import { option } from '../coap/options.ts';
import { errorOfExchange } from '../coap/problem.ts';
import type { ClientRequest, CoapClient } from '../coap/types.ts';
import { clientRequestOf, nodeResponseOf, requestOptionsOf } from '../device/answer.ts';
import { createDeviceObservation } from '../device/device-observation.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { abiLimits } from '../tables/index.ts';
import { hopsAfter } from './node-requests.ts';
import { observePresent } from './observing.ts';
import { createOutsideClients } from './outside-clients.ts';
import { isListed, type OutsideUri, parseOutsideUri } from './outside-uri.ts';

export interface OutsideRequests {
  /** Rejects with RadonError for what may not or cannot be asked, and with the signal's reason. */
  request(uri: string, request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse>;
  /** Throws RadonError for what may not be asked. */
  observe(uri: string, request: NodeRequest, listener: ObservationListener): Observation;
  /** Idempotent. */
  close(): Promise<void>;
}

interface Asked {
  readonly to: OutsideUri;
  readonly request: NodeRequest;
}

export function createOutsideRequests(hosts: readonly string[]): OutsideRequests {
  const clients = createOutsideClients();

  function judge(uri: string, request: NodeRequest): Asked {
    const to = parseOutsideUri(uri);
    if (!isListed(hosts, to)) throw new RadonError('HOST_NOT_LISTED', { name: `${to.host}:${to.port}` });
    const hopLimit = hopsAfter(request, to.host);
    return { to, request: { ...request, path: to.path, query: to.query, hopLimit } };
  }

  async function exchange({ to, request }: Asked, signal: AbortSignal): Promise<NodeResponse> {
    const { client, release } = await clients.take(to.host, to.port);
    try {
      const asked = withHost(clientRequestOf(request), to.host);
      return nodeResponseOf(await client.request(asked, requestOptionsOf(request, signal)));
    } catch (error) {
      throw errorOfExchange(error, to.host);
    } finally {
      release();
    }
  }

  return {
    async request(uri, request, signal) {
      const asked = judge(uri, request);
      const unreachable = new RadonError('NODE_UNREACHABLE', { name: asked.to.host });
      return within(signal, unreachable, (deadline) => exchange(asked, deadline));
    },
    observe(uri, request, listener) {
      const { to, request: asked } = judge(uri, request);
      let observation: Observation | undefined;
      let isClosed = false;
      clients.take(to.host, to.port).then(
        ({ client, release }) => {
          if (isClosed) return release();
          observation = observeAt(to.host, client, asked, listener, release);
        },
        (error: RadonError) => isClosed || listener.end(problemReply(error)),
      );
      return {
        close() {
          isClosed = true;
          observation?.close();
        },
      };
    },
    close: () => clients.close(),
  };
}

/** RFC 7252 section 6.4: a name, not an address, is told to the server. */
function withHost(request: ClientRequest, host: string): ClientRequest {
  if (isIP(host) !== 0) return request;
  const uriHost = { number: option.uriHost, value: new TextEncoder().encode(host) };
  return { ...request, options: [...(request.options ?? []), uriHost] };
}

/** Runs work under the caller's signal and for the longest time an atom waits for an answer. */
async function within<T>(
  signal: AbortSignal | undefined,
  late: RadonError,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  const timer = setTimeout(() => controller.abort(late), abiLimits.requestTimeoutMs);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function observeAt(
  host: string,
  client: CoapClient,
  request: NodeRequest,
  listener: ObservationListener,
  closed: () => void,
): Observation {
  const named: Pick<CoapClient, 'observe'> = {
    observe: (asked, observer, options) => client.observe(withHost(asked, host), observer, options),
  };
  const unreachable = new RadonError('NODE_UNREACHABLE', { name: host });
  return observePresent(unreachable, listener, (inner) => {
    const observation = createDeviceObservation(host, named, request, inner, closed);
    observation.start();
    return observation;
  });
}

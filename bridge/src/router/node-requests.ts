/** Requests of atoms to resources of other nodes: `nodes/{node}/{path…}`. */
import { RadonError } from '../problem/error.ts';
import { checkAtomRights } from '../registry/atom-rights.ts';
import type {
  NodePort,
  NodeRequest,
  NodeResponse,
  Observation,
  ObservationListener,
} from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { abiLimits } from '../tables/index.ts';
import { observePresent } from './observing.ts';

export interface NodeRequests {
  /** Rejects with RadonError for what may not or cannot be asked, and with the signal's reason. */
  request(request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse>;
  /** Throws RadonError for what may not or cannot be asked. */
  observe(request: NodeRequest, listener: ObservationListener): Observation;
}

export function createNodeRequests(registry: Registry): NodeRequests {
  /** The node that is asked, and the request as it sees it. */
  function forward(request: NodeRequest): { readonly node: NodePort; readonly request: NodeRequest } {
    const [first, name = '', ...path] = request.path;
    if (first !== 'nodes') throw new RadonError('NOT_FOUND', { name: pathOf(request) });
    const node = registry.get(name);
    if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name: name.slice(0, 64) });
    const asked = { ...request, path };
    checkAtomRights(asked);
    const hopLimit = hopsAfter(request, pathOf(request));
    if (node.state().link === 'lost') throw new RadonError('NODE_LOST', { name });
    return { node, request: { ...asked, hopLimit } };
  }

  return {
    async request(request, signal) {
      const { node, request: asked } = forward(request);
      return node.request(asked, signal);
    },
    observe(request, listener) {
      const { node, request: asked } = forward(request);
      const lost = new RadonError('NODE_LOST', { name: node.name });
      return observePresent(lost, listener, (inner) => registry.observations.observe(node, asked, inner));
    },
  };
}

/** RadonError HOP_LIMIT when none is left; shared with requests to hosts outside and the forward proxy. */
export function hopsAfter(
  { hopLimit = abiLimits.hops }: Pick<NodeRequest, 'hopLimit'>,
  name: string,
): number {
  if (hopLimit <= 1) throw new RadonError('HOP_LIMIT', { name });
  return hopLimit - 1;
}

function pathOf({ path }: NodeRequest): string {
  return `/${path.join('/')}`.slice(0, 128);
}

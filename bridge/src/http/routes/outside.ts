/** `/hc/{coap-uri}`: CoAP servers that are no nodes, where the configuration lists them (RFC 8075 section 5.3). */
import { RadonError } from '../../problem/error.ts';
import type { Upstream } from '../../registry/node.ts';
import { proxyRequest } from '../node-proxy.ts';
import { readMethods, writeMethods } from '../node-request.ts';
import type { ProxyTarget } from '../node-target.ts';
import { formatPath, formatQuery, type Target } from '../target.ts';
import type { Route } from './route.ts';

export function outsideRoutes(outside: Pick<Upstream, 'request'>): readonly Route[] {
  const path = '/hc/{uri...}';
  const handle: Route['handle'] = (request, target) => proxyRequest(request, outsideTarget(outside, target));
  return [
    {
      path,
      methods: readMethods,
      right: 'read',
      summary: 'Reads a resource of a CoAP server that is no node',
      handle,
    },
    {
      path,
      methods: writeMethods,
      right: 'write',
      summary: 'Changes a resource of a CoAP server that is no node',
      handle,
    },
  ];
}

/** Segments of `/hc/coap://host:port/path`: `hc`, `coap:`, an empty one, the authority, the path. */
function outsideTarget(outside: Pick<Upstream, 'request'>, { segments, query }: Target): ProxyTarget {
  const [, scheme, none, authority = '', ...path] = segments;
  if (scheme?.toLowerCase() !== 'coap:' || none !== '')
    throw new RadonError('BAD_REQUEST', { detail: 'after /hc/ stands no coap:// URI' });
  const base = `coap://${authority}`;
  const proxyUri = base + formatPath(path) + formatQuery(query);
  return {
    server: {
      name: authority,
      request: (request, signal) => outside.request({ ...request, path: [], query: [], proxyUri }, signal),
    },
    base: `/hc/${base}`,
    path,
    query,
    isNode: false,
  };
}

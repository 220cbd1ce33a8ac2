/** `/hc/{coap-uri}`: CoAP servers that are no nodes, where the configuration lists them (RFC 8075 section 5.3). */
import { RadonError } from '../../problem/error.ts';
import type { Upstream } from '../../registry/node.ts';
import { createObservationHub, type Observable } from '../../registry/observation-hub.ts';
import { type EventStreamOptions, openEventStream, wantsStream } from '../event-stream.ts';
import { proxyRequest } from '../node-proxy.ts';
import { readMethods, writeMethods } from '../node-request.ts';
import type { ProxyTarget } from '../node-target.ts';
import { observedResource } from '../observed-resource.ts';
import { formatPath, formatQuery, type Target } from '../target.ts';
import type { Route } from './route.ts';

export interface OutsideServers extends Pick<Upstream, 'request'> {
  /** Left out, they have no streams. */
  readonly observe?: Upstream['observe'];
}

export function outsideRoutes(outside: OutsideServers, streams: EventStreamOptions): readonly Route[] {
  const path = '/hc/{uri...}';
  return [
    {
      path,
      methods: readMethods,
      right: 'read',
      summary: 'Reads or streams a resource of a CoAP server that is no node',
      handle: reader(outside, streams),
    },
    {
      path,
      methods: writeMethods,
      right: 'write',
      summary: 'Changes a resource of a CoAP server that is no node',
      handle: (request, target) => proxyRequest(request, outsideTarget(outside, target)),
    },
  ];
}

/** However many listen, a server is observed once. */
function reader(outside: OutsideServers, streams: EventStreamOptions): Route['handle'] {
  const observations = createObservationHub();
  const { observe } = outside;
  const server: Observable | undefined = observe && {
    observe: ({ path: [proxyUri], ...asked }, listener) =>
      observe({ ...asked, path: [], proxyUri }, listener),
  };
  return (request, whole) => {
    const target = outsideTarget(outside, whole);
    if (server === undefined || !wantsStream(request)) return proxyRequest(request, target);
    const resource = observedResource(request, target, (asked, listener) =>
      observations.observe(server, { ...asked, path: [uriOf(target)], query: [] }, listener),
    );
    return openEventStream(request, resource, streams);
  };
}

/** Segments of `/hc/coap://host:port/path`: `hc`, `coap:`, an empty one, the authority, the path. */
function outsideTarget(outside: OutsideServers, { segments, query }: Target): ProxyTarget {
  const [, scheme, none, authority = '', ...path] = segments;
  if (scheme?.toLowerCase() !== 'coap:' || none !== '')
    throw new RadonError('BAD_REQUEST', { detail: 'after /hc/ stands no coap:// URI' });
  const target = { base: `/hc/coap://${authority}`, path, query };
  const proxyUri = uriOf(target);
  return {
    server: {
      name: authority,
      request: (request, signal) => outside.request({ ...request, path: [], query: [], proxyUri }, signal),
    },
    ...target,
    isNode: false,
  };
}

function uriOf({ base, path, query }: Pick<ProxyTarget, 'base' | 'path' | 'query'>): string {
  return base.slice('/hc/'.length) + formatPath(path) + formatQuery(query);
}

/** What a board asks for on its own link: messages and requests of its atoms, served by its upstream. */
import { code } from '../coap/codes.ts';
import { option } from '../coap/options.ts';
import type { CoapContextOptions, CoapReply, CoapRequest } from '../coap/types.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { Upstream, UpstreamRequest } from '../registry/node.ts';
import { method } from '../tables/index.ts';
import { coapReplyOf, nodeRequestOf, observedReply } from './coap-reply.ts';

/** The part of the options of a link's CoAP context that serves its board. */
export type UpstreamServer = Pick<CoapContextOptions, 'handler' | 'acceptsProxy'>;

/** Without an upstream everything is 4.04. */
export function createUpstreamServer(upstream: Upstream | undefined): UpstreamServer {
  return {
    acceptsProxy: upstream !== undefined,
    handler(request) {
      if (request.bytesOf(option.proxyScheme) !== undefined) return { code: code.proxyingNotSupported };
      if (upstream === undefined || !isForUpstream(request))
        return problemReply(new RadonError('NOT_FOUND', { name: request.path }));
      return serve(upstream, request);
    },
  };
}

function isForUpstream(request: CoapRequest): boolean {
  const [first] = request.pathSegments;
  return first === 'm' || first === 'nodes' || request.bytesOf(option.proxyUri) !== undefined;
}

/** Ends an observation (RFC 7641 section 3.6): a board does not read what else it would get. */
const deregister = 1;

async function serve(upstream: Upstream, request: CoapRequest): Promise<CoapReply> {
  const asked = upstreamRequestOf(request);
  const replyOf = (response: Parameters<typeof coapReplyOf>[0]) =>
    coapReplyOf(response, asked.path.slice(0, 2));
  if (request.code === method.GET && request.observe === deregister) return { code: code.content };
  if (request.code !== method.GET || request.observe !== 0) return replyOf(await upstream.request(asked));
  return observedReply({
    open: (listener) => upstream.observe(asked, listener),
    replyOf,
    name: request.path,
    lost: new RadonError('NODE_LOST', { name: asked.path[1] ?? '' }),
  });
}

function upstreamRequestOf(request: CoapRequest): UpstreamRequest {
  const [proxyUri] = request.stringsOf(option.proxyUri);
  return proxyUri === undefined
    ? nodeRequestOf(request, request.pathSegments)
    : { ...nodeRequestOf(request, []), query: [], proxyUri };
}

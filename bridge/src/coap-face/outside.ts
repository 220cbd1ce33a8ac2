/** Servers that are no nodes, reached through the forward proxy. */
import { code } from '../coap/codes.ts';
import type { CoapReply, CoapRequest } from '../coap/types.ts';
import { coapReplyOf, nodeRequestOf, observedReply } from '../device/coap-reply.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { OutsideRequests } from '../router/index.ts';
import { method } from '../tables/index.ts';
import type { ProxyTarget } from './proxy-target.ts';

type Servers = Pick<OutsideRequests, 'request' | 'observe'>;

export async function requestOutside(
  servers: Servers,
  request: CoapRequest,
  { uri, to }: Extract<ProxyTarget, { at: 'outside' }>,
): Promise<CoapReply> {
  const asked = nodeRequestOf(request, []);
  if (request.code !== method.GET || request.observe !== 0)
    return coapReplyOf(await servers.request(uri, asked), []);
  return observedReply({
    open: (listener) => servers.observe(uri, { ...asked, etags: undefined }, listener),
    replyOf: (response) => coapReplyOf(response, []),
    name: uri,
    lost: new RadonError('NODE_UNREACHABLE', { name: to.host }),
  });
}

/** RFC 7252 section 5.10.2: who will not be the proxy for a URI says 5.05. */
export function refusal({ host }: Extract<ProxyTarget, { at: 'refused' }>): CoapReply {
  if (host === undefined) return { code: code.proxyingNotSupported };
  const problem = problemReply(new RadonError('HOST_NOT_LISTED', { name: host }));
  return { ...problem, code: code.proxyingNotSupported };
}

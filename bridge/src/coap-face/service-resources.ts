/** `/services/{rt}`: requests to whichever node offers a resource type (docs/reference/http.md#services). */
import { isSafe } from '../coap/codes.ts';
import { type CoreLink, filterLinks } from '../coap/link-format.ts';
import type { CoapReply, CoapRequest } from '../coap/types.ts';
import { coapReplyOf, nodeRequestOf } from '../device/coap-reply.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeResponse } from '../registry/node.ts';
import { type Ask, firstAnswer, type Provider, type Service, type Services } from '../services/index.ts';
import { checkLinksWanted, checkRead, linksReply } from './documents.ts';

const notFoundCode = 0x84;
const serverErrorClass = 5;
/** Whoever controls a node, or speaks to an atom of it, names it. */
const named: ReadonlySet<string> = new Set(['atoms', 'images', 'firmware', 'keys', 'lease', 'time', 'm']);

export async function serveServices(
  services: Services,
  request: CoapRequest,
  [type, ...rest]: readonly string[],
  query: readonly string[],
): Promise<CoapReply> {
  if (rest.length > 0) throw new RadonError('NOT_FOUND', { name: request.path });
  if (type !== undefined) return requestService(services, request, type, query);
  checkRead(request);
  checkLinksWanted(request);
  return linksReply(filterLinks((await services.list()).map(linkOf), query));
}

function linkOf({ rt }: Service): CoreLink {
  return { href: `/services/${encodeURIComponent(rt)}`, attributes: { rt } };
}

/** Safe methods go on to the next provider where one fails; others go to one, once. */
async function requestService(
  services: Services,
  request: CoapRequest,
  type: string,
  query: readonly string[],
): Promise<CoapReply> {
  if (query.some((argument) => /^all(=|$)/.test(argument)))
    throw new RadonError('BAD_REQUEST', { detail: 'the query argument all is for HTTP' });
  const providers = await services.find(type, query, [request.accept]);
  const ask: Ask<Answer> = async (provider, signal) => {
    const asked = { ...nodeRequestOf(request, provider.path), query };
    return { provider, response: await provider.node.request(asked, signal ?? request.signal) };
  };
  if (isSafe(request.code)) return replyOf(await firstAnswer(providers, ask, isFailure(services)));
  checkNotNamed(providers[0]);
  return replyOf(await ask(providers[0]));
}

interface Answer {
  readonly provider: Provider;
  readonly response: NodeResponse;
}

function isFailure(services: Services) {
  return ({ response }: Answer, provider: Provider): boolean => {
    const isGone = response.code === notFoundCode;
    if (isGone) services.forget(provider);
    return isGone || response.code >> 5 >= serverErrorClass;
  };
}

function replyOf({ provider, response }: Answer): CoapReply {
  return coapReplyOf(response, ['nodes', provider.node.name]);
}

function checkNotNamed({ path: [first = ''] }: Provider): void {
  if (named.has(first)) throw new RadonError('FORBIDDEN_HERE');
}

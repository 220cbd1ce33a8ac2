/** `/services/{rt}`: requests to whichever node offers a resource type (docs/reference/http.md#services). */
import { isSafe } from '../coap/codes.ts';
import { type CoreLink, filterLinks } from '../coap/link-format.ts';
import type { CoapReply, CoapRequest } from '../coap/types.ts';
import { coapReplyOf, nodeRequestOf, observedReply } from '../device/coap-reply.ts';
import { RadonError } from '../problem/index.ts';
import { controlResources } from '../registry/control-resources.ts';
import type { NodeResponse } from '../registry/node.ts';
import { splitTags } from '../registry/tags.ts';
import {
  type Ask,
  aggregateResponse,
  firstAnswer,
  type Provider,
  type Selection,
  type Service,
  type Services,
  selectionOf,
} from '../services/index.ts';
import { method } from '../tables/index.ts';
import { checkLinksWanted, checkRead, documentFormatOf, linksReply } from './documents.ts';

const notFoundCode = 0x84;
const serverErrorClass = 5;
/** Whoever controls a node, or speaks to an atom of it, names it. */
const named: ReadonlySet<string> = new Set([...controlResources, 'm']);

export async function serveServices(
  services: Services,
  request: CoapRequest,
  [type, ...further]: readonly string[],
  query: readonly string[],
): Promise<CoapReply> {
  if (further.length > 0) throw new RadonError('NOT_FOUND', { name: request.path });
  if (type !== undefined) return requestService(services, request, type, query);
  checkRead(request);
  checkLinksWanted(request);
  const { tags, rest: attributes } = splitTags(query);
  return linksReply(filterLinks((await services.list(tags)).map(linkOf), attributes));
}

function linkOf({ rt }: Service): CoreLink {
  return { href: `/services/${encodeURIComponent(rt)}`, attributes: { rt } };
}

async function requestService(
  services: Services,
  request: CoapRequest,
  type: string,
  query: readonly string[],
): Promise<CoapReply> {
  const selection = selectionOf(type, query);
  const accept = selection.isAll ? documentFormatOf(request) : request.accept;
  if (request.code === method.GET && request.observe === 0)
    return observedReply({
      open: (listener) => services.observe(type, query, accept, listener),
      replyOf: (response) => coapReplyOf(response, []),
      name: request.path,
      lost: new RadonError('NODE_UNREACHABLE', { name: request.path }),
    });
  return selection.isAll
    ? requestAll(services, request, selection)
    : requestOne(services, request, selection);
}

async function requestAll(
  services: Services,
  request: CoapRequest,
  selection: Selection,
): Promise<CoapReply> {
  if (request.code !== method.GET)
    throw new RadonError('BAD_REQUEST', { detail: 'the query argument all is for GET' });
  const aggregate = await services.all(selection);
  return coapReplyOf(aggregateResponse(aggregate, documentFormatOf(request)), []);
}

/** Safe methods go on to the next provider where one fails; others go to one, once. */
async function requestOne(
  services: Services,
  request: CoapRequest,
  selection: Selection,
): Promise<CoapReply> {
  const { query } = selection;
  const providers = await services.find(selection, [request.accept]);
  const ask: Ask<Answer> = async (provider, signal) => {
    const asked = nodeRequestOf(request, provider.path, query);
    return { provider, response: await provider.node.request(asked, signal) };
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

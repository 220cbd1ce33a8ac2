/** Resources of nodes: requests go to the node as they are, observations are shared, images pass piece by piece. */
import { blockBytes, decodeBlock, encodeBlock, reservedExponent } from '../coap/blocks.ts';
import { code } from '../coap/codes.ts';
import { encodeUint, option } from '../coap/options.ts';
import type { CoapOption, CoapReply, CoapRequest } from '../coap/types.ts';
import { coapReplyOf, nodeRequestOf, observedReply } from '../device/coap-reply.ts';
import { checkNoEnvelope } from '../message/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodePort, NodeRequest, NodeResponse } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { method } from '../tables/index.ts';

/** A resource of a node, as a request names it. */
export interface NodeResource {
  readonly node: NodePort;
  readonly path: readonly string[];
  readonly query: readonly string[];
  /** What stands in front of the node's locations. */
  readonly base: readonly string[];
  /** In place of the request's own. */
  readonly hopLimit?: number | undefined;
}

export function requestNode(registry: Registry, request: CoapRequest, resource: NodeResource) {
  checkNoEnvelope(resource.path, request.contentFormat);
  const isObserved = request.code === method.GET && request.observe === 0;
  return isObserved ? observe(registry, request, resource) : forward(request, resource);
}

/** `PUT /nodes/{node}/images/{digest}` with Block1, not over a proxy option. */
export function isImagePiece(request: CoapRequest): boolean {
  if (request.code !== method.PUT || request.uintOf(option.block1) === undefined) return false;
  const [first, , third, ...rest] = request.pathSegments;
  const isImage = first === 'nodes' && third === 'images' && rest.length === 1;
  return isImage && !request.proxied;
}

function forward(request: CoapRequest, resource: NodeResource): CoapReply | Promise<CoapReply> {
  const { node, path, query, base, hopLimit } = resource;
  const asked = nodeRequestOf(request, path, query, hopLimit);
  if (isImagePiece(request)) return forwardPiece(request, resource, asked);
  const answer = node.ask?.(asked) ?? node.request(asked);
  if (!(answer instanceof Promise)) return coapReplyOf(answer, base);
  return answer.then((response) => coapReplyOf(response, base));
}

async function forwardPiece(
  request: CoapRequest,
  { node, base }: NodeResource,
  asked: NodeRequest,
): Promise<CoapReply> {
  const response = await node.request({ ...asked, part: partOf(request) });
  return coapReplyOf(response, base, [blockOf(request, response)]);
}

/** Answers with the first value of a shared observation. While its node is lost, who registered hears nothing. */
async function observe(registry: Registry, request: CoapRequest, resource: NodeResource): Promise<CoapReply> {
  const { node, base } = resource;
  const lost = new RadonError('NODE_UNREACHABLE', { name: node.name });
  if (node.state().link === 'lost') throw lost;
  return observedReply({
    open: (listener) => registry.observations.observe(node, observedRequest(request, resource), listener),
    replyOf: (response) => coapReplyOf(response, base),
    name: request.path,
    lost,
  });
}

/** Whose answers all observers of the path and format can share: no entity tags. */
function observedRequest({ accept }: CoapRequest, { path, query }: NodeResource): NodeRequest {
  return { method: method.GET, path, query, payload: new Uint8Array(0), accept };
}

function partOf(request: CoapRequest): NodeRequest['part'] {
  const { number, more, exponent } = decodeBlock(request.uintOf(option.block1) ?? 0);
  if (exponent === reservedExponent)
    throw new RadonError('BAD_REQUEST', { detail: 'Block1 has the reserved size 7' });
  return { offset: number * blockBytes(exponent), more };
}

/** RFC 7959 section 2.3: the block that is answered, M while more are wanted. */
function blockOf(request: CoapRequest, response: NodeResponse): CoapOption {
  const { number, exponent } = decodeBlock(request.uintOf(option.block1) ?? 0);
  return {
    number: option.block1,
    value: encodeUint(encodeBlock(number, response.code === code.continue, exponent)),
  };
}

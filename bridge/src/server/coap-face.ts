/** The same tree as on HTTP, for CoAP clients: `/.well-known/core`, `/nodes`, `/nodes/{node}/…`, `/m/…`. */
import { blockBytes, decodeBlock, encodeBlock, reservedExponent } from '../coap/blocks.ts';
import { code, formatCode, isSafe } from '../coap/codes.ts';
import { filterLinks, formatLinks } from '../coap/link-format.ts';
import { encodeUint, option } from '../coap/options.ts';
import type { CoapHandler, CoapOption, CoapReply, CoapRequest } from '../coap/types.ts';
import { coapReplyOf, nodeRequestOf, observedReply } from '../device/coap-reply.ts';
import { encodeFields, type FieldValue, stringifyFields } from '../fields/index.ts';
import { checkNoEnvelope } from '../message/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodePort, NodeRequest, NodeResponse, NodeState } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { listLinks } from '../registry/tree.ts';
import type { Router } from '../router/index.ts';
import { contentFormat, method } from '../tables/index.ts';

export interface CoapFaceOptions {
  readonly registry: Registry;
  /** Takes messages from outside. */
  readonly messages: Router['outside'];
  /** Whether clients may change anything, or only read. */
  readonly isReadOnly: boolean;
}

export interface CoapFace {
  readonly handler: CoapHandler;
  /** For `CoapContextOptions.passBlocks`: the pieces of an image go to its node one by one. */
  readonly passBlocks: (request: CoapRequest) => boolean;
}

export function createCoapFace({ registry, messages, isReadOnly }: CoapFaceOptions): CoapFace {
  function route(request: CoapRequest): CoapReply | Promise<CoapReply> {
    const [first, second, ...path] = request.pathSegments;
    const isForbidden = !isSafe(request.code) || isSnapshot(path);
    if (isReadOnly && isForbidden) throw new RadonError('FORBIDDEN_HERE');
    if (first === 'm') return send(messages, request);
    if (first === 'nodes' && second !== undefined) return routeNode(registry, request, second, path);
    checkRead(request);
    if (first === 'nodes') return document(request, registry.list().map(stateFields));
    if (first === '.well-known' && second === 'core' && path.length === 0)
      return discovery(registry, request);
    throw new RadonError('NOT_FOUND', { name: request.path });
  }

  return {
    handler(request) {
      try {
        const reply = route(request);
        return reply instanceof Promise ? reply.catch(problem) : reply;
      } catch (error) {
        return problem(error);
      }
    },
    passBlocks: isImagePiece,
  };
}

async function send(messages: Router['outside'], request: CoapRequest): Promise<CoapReply> {
  const asked = nodeRequestOf(request, request.pathSegments);
  return coapReplyOf(await messages.request(asked, request.signal), []);
}

/** The memory of an atom, below its node. */
function isSnapshot([first, , third]: readonly string[]): boolean {
  return first === 'atoms' && third === 'snapshot';
}

/** `PUT /nodes/{node}/images/{digest}` with Block1. */
function isImagePiece(request: CoapRequest): boolean {
  if (request.code !== method.PUT || request.uintOf(option.block1) === undefined) return false;
  const [first, , third, ...rest] = request.pathSegments;
  return first === 'nodes' && third === 'images' && rest.length === 1;
}

function routeNode(registry: Registry, request: CoapRequest, name: string, path: readonly string[]) {
  const node = registry.get(name);
  if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name });
  if (path.length > 0) return forward(registry, request, node, path);
  checkRead(request);
  return document(request, stateFields(node));
}

async function forward(
  registry: Registry,
  request: CoapRequest,
  node: NodePort,
  path: readonly string[],
): Promise<CoapReply> {
  checkNoEnvelope(path, request.contentFormat);
  if (request.code === method.GET && request.observe === 0) return observe(registry, request, node, path);
  const asked = nodeRequestOf(request, path);
  const part = isImagePiece(request) ? partOf(request) : undefined;
  const response = await node.request({ ...asked, part }, request.signal);
  return replyOf(response, node, request);
}

/** Answers with the first value of a shared observation. While its node is lost, who registered hears nothing. */
async function observe(
  registry: Registry,
  request: CoapRequest,
  node: NodePort,
  path: readonly string[],
): Promise<CoapReply> {
  const lost = new RadonError('NODE_UNREACHABLE', { name: node.name });
  if (node.state().link === 'lost') throw lost;
  return observedReply({
    open: (listener) => registry.observations.observe(node, observedRequest(request, path), listener),
    replyOf: (response) => replyOf(response, node),
    name: request.path,
    lost,
  });
}

/** Whose answers all observers of the path and format can share: no entity tags. */
function observedRequest({ query, accept }: CoapRequest, path: readonly string[]): NodeRequest {
  return { method: method.GET, path, query, payload: new Uint8Array(0), accept };
}

function partOf(request: CoapRequest): NodeRequest['part'] {
  const { number, more, exponent } = decodeBlock(request.uintOf(option.block1) ?? 0);
  if (exponent === reservedExponent)
    throw new RadonError('BAD_REQUEST', { detail: 'Block1 has the reserved size 7' });
  return { offset: number * blockBytes(exponent), more };
}

function replyOf(response: NodeResponse, node: NodePort, request?: CoapRequest): CoapReply {
  const isPiece = request !== undefined && isImagePiece(request);
  const blocks = isPiece ? [blockOf(request, response)] : [];
  return coapReplyOf(response, ['nodes', node.name], blocks);
}

/** RFC 7959 section 2.3: the block that is answered, M while more are wanted. */
function blockOf(request: CoapRequest, response: NodeResponse): CoapOption {
  const { number, exponent } = decodeBlock(request.uintOf(option.block1) ?? 0);
  return {
    number: option.block1,
    value: encodeUint(encodeBlock(number, response.code === code.continue, exponent)),
  };
}

async function discovery(registry: Registry, request: CoapRequest): Promise<CoapReply> {
  const isWanted = request.accept === undefined || request.accept === contentFormat.LINK_FORMAT;
  if (!isWanted) throw new RadonError('NOT_ACCEPTABLE', { name: request.path });
  const links = formatLinks(filterLinks(await listLinks(registry), request.query));
  return {
    code: code.content,
    payload: new TextEncoder().encode(links),
    contentFormat: contentFormat.LINK_FORMAT,
    maxAge: 0,
  };
}

function document(request: CoapRequest, value: FieldValue): CoapReply {
  const accept = request.accept ?? contentFormat.CBOR;
  if (accept === contentFormat.CBOR) {
    return { code: code.content, payload: encodeFields(value), contentFormat: contentFormat.CBOR, maxAge: 0 };
  }
  if (accept !== contentFormat.JSON) throw new RadonError('NOT_ACCEPTABLE', { name: request.path });
  const payload = new TextEncoder().encode(stringifyFields(value));
  return { code: code.content, payload, contentFormat: contentFormat.JSON, maxAge: 0 };
}

function stateFields(node: NodePort): FieldValue {
  const state: NodeState = node.state();
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as FieldValue;
}

function checkRead(request: CoapRequest): void {
  if (request.code !== method.GET)
    throw new RadonError('METHOD_NOT_ALLOWED', { name: request.path, method: formatCode(request.code) });
}

/** What the bridge did not expect is thrown on: the context reports it and answers 5.00. */
function problem(error: unknown): CoapReply {
  if (!(error instanceof RadonError)) throw error;
  return problemReply(error);
}

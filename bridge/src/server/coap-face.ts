/** The same tree as on HTTP, for CoAP clients: `/.well-known/core`, `/nodes`, `/nodes/{node}/…`. */
import { blockBytes, decodeBlock, encodeBlock, reservedExponent } from '../coap/blocks.ts';
import { code, formatCode, isSafe } from '../coap/codes.ts';
import { filterLinks, formatLinks } from '../coap/link-format.ts';
import { encodeUint, option } from '../coap/options.ts';
import type { CoapHandler, CoapOption, CoapReply, CoapRequest } from '../coap/types.ts';
import { encodeFields, type FieldValue, stringifyFields } from '../fields/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodePort, NodeRequest, NodeResponse, NodeState } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { listLinks } from '../registry/tree.ts';
import { contentFormat, method } from '../tables/index.ts';

export interface CoapFaceOptions {
  readonly registry: Registry;
  /** Whether clients may change anything, or only read. */
  readonly isReadOnly: boolean;
}

export interface CoapFace {
  readonly handler: CoapHandler;
  /** For `CoapContextOptions.passBlocks`: the pieces of an image go to its node one by one. */
  readonly passBlocks: (request: CoapRequest) => boolean;
}

export function createCoapFace({ registry, isReadOnly }: CoapFaceOptions): CoapFace {
  function route(request: CoapRequest): CoapReply | Promise<CoapReply> {
    if (isReadOnly && !isSafe(request.code)) throw new RadonError('FORBIDDEN_HERE');
    const [first, second, ...path] = request.pathSegments;
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
  if (request.code === method.GET && request.observe === 0) return observe(registry, request, node, path);
  const response = await node.request(nodeRequestOf(request, path), request.signal);
  return replyOf(response, node, request);
}

/** Answers with the first value of a shared observation. While its node is lost, who registered hears nothing. */
function observe(
  registry: Registry,
  request: CoapRequest,
  node: NodePort,
  path: readonly string[],
): Promise<CoapReply> {
  const lost = new RadonError('NODE_UNREACHABLE', { name: node.name });
  if (node.state().link === 'lost') throw lost;
  return new Promise((resolve, reject) => {
    let first: CoapReply | undefined;
    let latest: CoapReply | undefined;
    let changed: ((reply: CoapReply) => void) | undefined;
    const subscribe: CoapReply['subscribe'] = (tell) => {
      changed = tell;
      if (latest !== first) tell(latest);
      return () => observation.close();
    };
    const observation = registry.observations.observe(node, observedRequest(request, path), {
      next(response) {
        latest = replyOf(response, node);
        changed?.(latest);
        if (first !== undefined) return;
        first = latest;
        resolve({ ...first, subscribe });
        // The server subscribes as soon as it has the answer, or not at all.
        setImmediate(() => changed ?? observation.close());
      },
      lost() {
        if (first !== undefined) return;
        observation.close();
        reject(lost);
      },
      back() {},
      end(response) {
        if (first === undefined) resolve(replyOf(response, node));
        else changed?.(endOf(response, node, request));
      },
    });
  });
}

/** Whose answers all observers of the path and format can share: no entity tags. */
function observedRequest({ query, accept }: CoapRequest, path: readonly string[]): NodeRequest {
  return { method: method.GET, path, query, payload: new Uint8Array(0), accept };
}

/** Only an error ends the observation for a client (RFC 7641 section 4.2). */
function endOf(response: NodeResponse, node: NodePort, request: CoapRequest): CoapReply {
  if (response.code >> 5 > 2) return replyOf(response, node);
  return problem(new RadonError('NOT_OBSERVABLE', { name: request.path }));
}

function nodeRequestOf(request: CoapRequest, path: readonly string[]): NodeRequest {
  return {
    method: request.code,
    path,
    query: request.query,
    payload: request.body,
    contentFormat: request.contentFormat,
    accept: request.accept,
    etags: manyOf(request, option.etag),
    ifMatch: manyOf(request, option.ifMatch),
    ifNoneMatch: request.bytesOf(option.ifNoneMatch) !== undefined,
    part: isImagePiece(request) ? partOf(request) : undefined,
  };
}

function manyOf(request: CoapRequest, number: number): readonly Uint8Array[] | undefined {
  const values = request.allBytesOf(number);
  return values.length > 0 ? values : undefined;
}

function partOf(request: CoapRequest): NodeRequest['part'] {
  const { number, more, exponent } = decodeBlock(request.uintOf(option.block1) ?? 0);
  if (exponent === reservedExponent)
    throw new RadonError('BAD_REQUEST', { detail: 'Block1 has the reserved size 7' });
  return { offset: number * blockBytes(exponent), more };
}

function replyOf(response: NodeResponse, node: NodePort, request?: CoapRequest): CoapReply {
  const options = [
    ...locationOf(response, node),
    ...(request !== undefined && isImagePiece(request) ? [blockOf(request, response)] : []),
  ];
  return {
    code: response.code,
    payload: response.payload,
    ...(response.contentFormat !== undefined && { contentFormat: response.contentFormat }),
    ...(response.etag !== undefined && { etag: response.etag }),
    ...(response.maxAge !== undefined && { maxAge: response.maxAge }),
    ...(options.length > 0 && { options }),
  };
}

function locationOf({ location = [] }: NodeResponse, node: NodePort): readonly CoapOption[] {
  if (location.length === 0) return [];
  const encoder = new TextEncoder();
  return ['nodes', node.name, ...location].map((segment) => ({
    number: option.locationPath,
    value: encoder.encode(segment),
  }));
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

/** The same tree as on HTTP, for CoAP clients, and a forward proxy: docs/reference/coap.md. */
import { isSafe } from '../coap/codes.ts';
import { filterLinks } from '../coap/link-format.ts';
import { option } from '../coap/options.ts';
import type { CoapHandler, CoapReply, CoapRequest } from '../coap/types.ts';
import { coapReplyOf, nodeRequestOf } from '../device/coap-reply.ts';
import type { FieldValue } from '../fields/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { Upstream } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { splitTags } from '../registry/tags.ts';
import { listLinks } from '../registry/tree.ts';
import { hasDotSegment } from '../registry/uri-parts.ts';
import { watchState } from '../registry/watch-state.ts';
import { hopsAfter, type OutsideRequests } from '../router/index.ts';
import type { Services } from '../services/index.ts';
import { type DirectoryResources, directoryLinks } from './directory-resources.ts';
import { checkLinksWanted, checkRead, documentReply, linksReply, stateFields } from './documents.ts';
import { isImagePiece, requestNode } from './node-resources.ts';
import { refusal, requestOutside } from './outside.ts';
import { type ProxyScope, type ProxyTarget, proxyTargetOf } from './proxy-target.ts';
import { serveServices } from './service-resources.ts';

export interface CoapFaceOptions {
  readonly registry: Registry;
  /** Takes messages from outside. */
  readonly messages: Pick<Upstream, 'request'>;
  /** Reaches `requestHosts`, which are servers that are no nodes. */
  readonly servers: Pick<OutsideRequests, 'request' | 'observe'>;
  /** `/services`; without it there are none. */
  readonly services?: Services;
  /** `/rd` and what belongs to it; without it there is no directory. */
  readonly directory?: DirectoryResources;
  /** `host` (any port) or `host:port` that clients may reach through the forward proxy (default: none but nodes). */
  readonly requestHosts?: readonly string[];
  /** Whether a host and port are those the face listens on. */
  readonly isOwn: (host: string, port: number) => boolean;
  /** Whether clients may change anything, or only read. */
  readonly isReadOnly: boolean;
}

export interface CoapFace {
  readonly handler: CoapHandler;
  readonly acceptsProxy: true;
  /** For `CoapContextOptions.passBlocks`: the pieces of an image go to its node one by one, and what is refused is at its first. */
  readonly passBlocks: (request: CoapRequest) => boolean;
}

export function createCoapFace(options: CoapFaceOptions): CoapFace {
  const { registry, servers, isReadOnly } = options;
  const scope: ProxyScope = {
    hosts: options.requestHosts ?? [],
    isOwn: options.isOwn,
    isNode: (name) => registry.get(name) !== undefined,
  };

  const isRefused = (request: CoapRequest) => isReadOnly && !isSafe(request.code);

  function route(request: CoapRequest): CoapReply | Promise<CoapReply> {
    if (isRefused(request)) throw new RadonError('FORBIDDEN_HERE');
    checkHopLimit(request);
    const target = proxyTargetOf(request, scope);
    if (target === undefined) {
      const path = request.pathSegments;
      checkPath(path);
      return serve(options, request, path, request.query);
    }
    if (target.at === 'here') return serve(options, request, target.path, target.query);
    if (target.at === 'node') return proxyNode(options, request, target);
    return target.at === 'outside' ? requestOutside(servers, request, target) : refusal(target);
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
    acceptsProxy: true,
    passBlocks: (request) => isRefused(request) || isImagePiece(request),
  };
}

type Path = readonly string[];

/** What this server itself has. */
function serve(options: CoapFaceOptions, request: CoapRequest, path: Path, query: Path) {
  const { registry, messages, isReadOnly } = options;
  const [first, second] = path;
  const rest = path.slice(2);
  if (first === 'm') return send(messages, request, path);
  if (first === 'nodes' && second !== undefined) {
    const node = registry.get(second);
    if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name: second });
    if (rest.length === 0) {
      const watch = (changed: () => void) => watchState(registry, second, changed);
      return statesReply(request, stateFields(registry.stateOf(node)), watch);
    }
    if (isReadOnly) checkNoSnapshot(rest);
    return requestNode(registry, request, { node, path: rest, query, base: ['nodes', second] });
  }
  if (first === 'services' && options.services !== undefined)
    return serveServices(options.services, request, path.slice(1), query);
  const reply = options.directory?.(request, path, query);
  if (reply !== undefined) return reply;
  checkRead(request);
  if (first === 'nodes') {
    const nodes = registry.list(splitTags(query).tags);
    return statesReply(request, nodes.map(registry.stateOf).map(stateFields), registry.watch);
  }
  if (first === '.well-known' && second === 'core' && rest.length === 0)
    return discovery(options, request, query);
  throw new RadonError('NOT_FOUND', { name: request.path });
}

function statesReply(request: CoapRequest, states: FieldValue, watch: Registry['watch']): CoapReply {
  checkRead(request);
  return { ...documentReply(request, states), subscribe: (changed) => watch(() => changed()) };
}

async function discovery(options: CoapFaceOptions, request: CoapRequest, query: Path): Promise<CoapReply> {
  checkLinksWanted(request);
  const own = options.directory === undefined ? [] : directoryLinks;
  return linksReply(filterLinks([...own, ...(await listLinks(options.registry))], query));
}

async function send(
  messages: Pick<Upstream, 'request'>,
  request: CoapRequest,
  path: Path,
): Promise<CoapReply> {
  const asked = nodeRequestOf(request, path);
  return coapReplyOf(await messages.request(asked), []);
}

/** To the client, the node is the server: its locations stay as they are. */
function proxyNode(
  { registry, isReadOnly }: CoapFaceOptions,
  request: CoapRequest,
  { to }: Extract<ProxyTarget, { at: 'node' }>,
): CoapReply | Promise<CoapReply> {
  const node = registry.get(to.host);
  if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name: to.host });
  if (isReadOnly) checkNoSnapshot(to.path);
  const hopLimit = hopsAfter({ hopLimit: request.uintOf(option.hopLimit) }, to.host);
  return requestNode(registry, request, { node, path: to.path, query: to.query, base: [], hopLimit });
}

/** The memory of an atom, below its node. */
function checkNoSnapshot([first, , third]: Path): void {
  if (first === 'atoms' && third === 'snapshot') throw new RadonError('FORBIDDEN_HERE');
}

function checkPath(path: Path): void {
  if (hasDotSegment(path)) throw new RadonError('BAD_REQUEST', { detail: 'a path segment is "." or ".."' });
}

/** RFC 8768 section 3: a request that has no hop left must not be sent. */
function checkHopLimit(request: CoapRequest): void {
  if (request.uintOf(option.hopLimit) === 0)
    throw new RadonError('BAD_REQUEST', { detail: 'Hop-Limit is 0' });
}

/** What the bridge did not expect is thrown on: the context reports it and answers 5.00. */
function problem(error: unknown): CoapReply {
  if (!(error instanceof RadonError)) throw error;
  return problemReply(error);
}

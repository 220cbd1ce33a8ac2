/** The resources of the directory: `/rd`, `/rd/{id}`, `/rd-lookup/…`, `/.well-known/rd` (RFC 9176). */
import { code, formatCode } from '../coap/codes.ts';
import type { CoreLink } from '../coap/link-format.ts';
import { option } from '../coap/options.ts';
import type { CoapReply, CoapRequest, CoapResponse } from '../coap/types.ts';
import type { Logger } from '../device/logger.ts';
import {
  type Directory,
  lookupEndpoints,
  lookupResources,
  type Parameters,
  parseParameters,
  type Registration,
} from '../directory/index.ts';
import type { Endpoint } from '../link/index.ts';
import { RadonError } from '../problem/index.ts';
import { parseOutsideUri } from '../router/index.ts';
import { contentFormat, method } from '../tables/index.ts';
import { checkLinksWanted, checkRead, linksReply } from './documents.ts';

export interface DirectoryFaceOptions {
  readonly directory: Directory;
  readonly logger: Logger;
  /** Whether a host and port are the bridge's own: it is no node of itself. */
  readonly isOwn: (host: string, port: number) => boolean;
  /** GET of `/.well-known/core` at who registers in the simple way. */
  readonly discover: (at: Endpoint) => Promise<CoapResponse>;
}

/** Undefined for a path that is not the directory's. */
export type DirectoryResources = (
  request: CoapRequest,
  path: readonly string[],
  query: readonly string[],
) => CoapReply | Promise<CoapReply> | undefined;

/** What `/.well-known/core` tells of it (RFC 9176 section 4.1). */
export const directoryLinks: readonly CoreLink[] = [
  { href: '/rd', attributes: { rt: 'core.rd', ct: '40' } },
  { href: '/rd-lookup/ep', attributes: { rt: 'core.rd-lookup-ep', ct: '40', obs: true } },
  { href: '/rd-lookup/res', attributes: { rt: 'core.rd-lookup-res', ct: '40', obs: true } },
];

/** Simple registrations whose links are being fetched. */
const mostFetches = 16;

export function createDirectoryResources(options: DirectoryFaceOptions): DirectoryResources {
  const { directory, logger } = options;
  let fetches = 0;

  /** What is answered with success is there after a restart, too. */
  async function afterSettling(reply: CoapReply): Promise<CoapReply> {
    await directory.settled();
    return reply;
  }

  function parametersOf(query: readonly string[]): Parameters {
    const parameters = parseParameters(query);
    const to = parameters.base === undefined ? undefined : parseOutsideUri(parameters.base);
    if (to !== undefined && options.isOwn(to.host, to.port))
      throw new RadonError('BAD_REQUEST', { detail: 'base is the bridge itself' });
    return parameters;
  }

  function register(request: CoapRequest, query: readonly string[]): Promise<CoapReply> {
    checkPost(request);
    const parameters = parametersOf(query);
    if (request.contentFormat !== contentFormat.LINK_FORMAT)
      throw new RadonError('UNSUPPORTED_FORMAT', { name: String(request.contentFormat ?? 'none') });
    const { id } = directory.register(parameters, request.body, request.from);
    return afterSettling({ code: code.created, options: ['rd', id].map(locationPath) });
  }

  function change(request: CoapRequest, id: string, query: readonly string[]): Promise<CoapReply> {
    checkEmpty(request);
    if (request.code === method.DELETE) {
      directory.remove(id, request.from);
      return afterSettling({ code: code.deleted });
    }
    checkPost(request);
    directory.update(id, parametersOf(query), request.from);
    return afterSettling({ code: code.changed });
  }

  /** RFC 9176 section 5.1: the answer comes before the registrant is asked. */
  function registerSimply(request: CoapRequest, query: readonly string[]): CoapReply {
    checkPost(request);
    checkEmpty(request);
    const parameters = parseParameters(query);
    if (parameters.endpoint === undefined || parameters.base !== undefined)
      throw new RadonError('BAD_REQUEST', { detail: 'a simple registration has ep and no base' });
    if (fetches >= mostFetches) throw new RadonError('BUSY', { detail: 'simple registrations' });
    fetches += 1;
    void fetchLinks(parameters, request.from).finally(() => {
      fetches -= 1;
    });
    return { code: code.changed };
  }

  async function fetchLinks(parameters: Parameters, from: Endpoint): Promise<void> {
    try {
      const response = await options.discover(from);
      const isLinks = response.code === code.content && response.contentFormat === contentFormat.LINK_FORMAT;
      if (!isLinks) throw new RadonError('BAD_ANSWER', { name: from.address, detail: 'no links' });
      directory.register(parameters, response.payload, from);
      await directory.settled();
    } catch (error) {
      refused(from, error);
    }
  }

  function refused(from: Endpoint, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    // What the sender chose must not end the line, or steer a terminal.
    logger.warn(
      `registration from ${from.address}:${from.port} refused: ${reason.replaceAll(/\p{C}/gu, '?')}`,
    );
  }

  function lookup(request: CoapRequest, what: string | undefined, query: readonly string[]): CoapReply {
    const find = what === undefined ? undefined : lookups.get(what);
    if (find === undefined) throw new RadonError('NOT_FOUND', { name: request.path });
    checkRead(request);
    checkLinksWanted(request);
    const reply = linksReply(find(directory.list(), query));
    return { ...reply, subscribe: (changed) => directory.watch(() => changed()) };
  }

  function serve(request: CoapRequest, path: readonly string[], query: readonly string[]) {
    const [first, second, third] = path;
    if (third !== undefined) return undefined;
    if (first === '.well-known' && second === 'rd') return registerSimply(request, query);
    if (first === 'rd')
      return second === undefined ? register(request, query) : change(request, second, query);
    return first === 'rd-lookup' ? lookup(request, second, query) : undefined;
  }

  return (request, path, query) => {
    try {
      return serve(request, path, query);
    } catch (error) {
      if (request.code !== method.GET) refused(request.from, error);
      throw error;
    }
  };
}

type Lookup = (registrations: readonly Registration[], query: readonly string[]) => readonly CoreLink[];

const lookups: ReadonlyMap<string, Lookup> = new Map([
  ['ep', lookupEndpoints],
  ['res', lookupResources],
]);

function locationPath(segment: string) {
  return { number: option.locationPath, value: new TextEncoder().encode(segment) };
}

function checkPost(request: CoapRequest): void {
  if (request.code !== method.POST)
    throw new RadonError('METHOD_NOT_ALLOWED', { name: request.path, method: formatCode(request.code) });
}

function checkEmpty(request: CoapRequest): void {
  if (request.body.length > 0) throw new RadonError('BAD_REQUEST', { detail: 'this takes no body' });
}

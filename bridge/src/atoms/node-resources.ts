import { code } from '../coap/codes.ts';
import { decodeFields, type FieldValue } from '../fields/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { contentFormat, method } from '../tables/index.ts';
import { type ChannelResources, readingFormatsTaken, readingOf } from './channels.ts';
import { coreLinks } from './core-links.ts';
import type { Deployment } from './deployment.ts';
import { atomDocument, type NodeFacts, namesDocument, nodeDocument } from './documents.ts';
import type { HostAtom } from './host-atom.ts';
import type { Lease } from './lease.ts';
import { type LogBook, logDocument, logText } from './log-book.ts';
import type { MessageReception } from './message-reception.ts';
import { cborResponse, documentResponse, emptyResponse, readingResponse, textResponse } from './responses.ts';

/** What the host node's own resources are made of. */
export interface ResourceParts {
  readonly facts: NodeFacts;
  readonly atoms: ReadonlyMap<string, HostAtom>;
  readonly channels: ChannelResources;
  readonly log: LogBook;
  readonly reception: MessageReception;
  readonly lease: Lease;
  readonly deployment: Deployment;
}

const unsupported = emptyResponse(code.unsupportedContentFormat);

type Handler = (request: NodeRequest) => NodeResponse | Promise<NodeResponse>;

/** One resource; `read` answers GET at once, also for observers where `observable`. */
export interface Resource {
  readonly read?: (request: NodeRequest) => NodeResponse;
  readonly observable?: boolean;
  readonly handlers?: Readonly<Partial<Record<number, Handler>>>;
}

/** The node's own resource at a path; undefined when there is none. Atoms' resources are not among them. */
export function findResource(parts: ResourceParts, path: readonly string[]): Resource | undefined {
  const [first, second] = path;
  if (path.length === 1) return Object.hasOwn(roots, first ?? '') ? roots[first ?? '']?.(parts) : undefined;
  if (path.length === 3 && first === 'atoms' && path[2] === 'snapshot') return snapshot(parts, second ?? '');
  if (path.length !== 2 || second === undefined) return undefined;
  if (first === '.well-known' && second === 'core') return core(parts);
  if (first === 'atoms') return atomResource(parts, second);
  if (first === 'images') return image(parts, second);
  if (first === 'm') {
    return { handlers: { [method.POST]: (request) => parts.reception.receive(second, request) } };
  }
  return first === 'io' ? channel(parts, second) : undefined;
}

const roots: Readonly<Record<string, (parts: ResourceParts) => Resource>> = {
  node: ({ facts, deployment }) => ({
    read: (request) => documentResponse(nodeDocument(facts), request),
    observable: true,
    handlers: {
      [method.POST]: async (request) => {
        commandOf(request, ['restart']);
        await deployment.restartAll();
        return emptyResponse(code.changed);
      },
    },
  }),
  atoms: ({ atoms, facts }) => ({
    read: (request) =>
      documentResponse(
        Array.from(atoms.values(), (atom) => atomDocument(atom, facts)),
        request,
      ),
    observable: true,
  }),
  names: ({ atoms }) => ({
    read: (request) => documentResponse(namesDocument(atoms.values()), request),
    observable: true,
  }),
  io: ({ channels }) => ({ read: (request) => documentResponse(channels.document(), request) }),
  log: ({ log }) => ({ read: (request) => logResponse(log, 0, request), observable: true }),
  time: ({ facts }) => time(facts),
  lease: ({ lease }) => ({
    read: (request) => lease.read(request),
    handlers: { [method.PUT]: (request) => lease.claim(request) },
  }),
};

/** Lines behind number `after`. Text is the default here. */
export function logResponse(log: LogBook, after: number, request: NodeRequest): NodeResponse {
  const entries = log.since(after);
  const isText = request.accept === undefined || request.accept === contentFormat.TEXT;
  if (isText) return textResponse(logText(entries), contentFormat.TEXT, request);
  return documentResponse(logDocument(entries), request);
}

function core({ atoms, channels }: ResourceParts): Resource {
  return {
    read: (request) => {
      const links = coreLinks(atoms.values(), channels.declarations, request.query);
      return textResponse(links, contentFormat.LINK_FORMAT, request);
    },
  };
}

function time({ control }: NodeFacts): Resource {
  const { shared } = control;
  return {
    read: (request) =>
      textResponse(String(Math.floor(Date.now() + shared.clockOffset)), contentFormat.TEXT, request),
    handlers: {
      [method.PUT]: ({ payload }) => {
        const text = new TextDecoder().decode(payload).trim();
        if (!/^\d{1,15}$/.test(text))
          throw new RadonError('BAD_CONTENT', { detail: 'milliseconds since 1970 are wanted' });
        shared.clockOffset = Number(text) - Date.now();
        return emptyResponse(code.changed);
      },
    },
  };
}

function atomResource({ atoms, facts, deployment }: ResourceParts, name: string): Resource {
  return {
    read: (request) => {
      const atom = atoms.get(name);
      if (atom === undefined) throw new RadonError('NO_SUCH_ATOM', { name });
      return documentResponse(atomDocument(atom, facts), request);
    },
    observable: true,
    handlers: {
      [method.PUT]: async (request) => {
        if (request.contentFormat !== contentFormat.COSE_SIGN1) return unsupported;
        const result = await deployment.putManifest(name, new Uint8Array(request.payload));
        const missing = result.missing.map((payload) => ({ ...payload }));
        return { ...documentResponse({ missing }, request), code: result.code };
      },
      [method.POST]: async (request) => {
        await deployment.command(name, commandOf(request, commands));
        return emptyResponse(code.changed);
      },
      [method.DELETE]: async () => {
        await deployment.remove(name);
        return emptyResponse(code.deleted);
      },
    },
  };
}

const commands = ['start', 'stop', 'restart', 'freeze', 'thaw'];

function snapshot({ deployment }: ResourceParts, name: string): Resource {
  return {
    handlers: {
      [method.GET]: async (request) => cborResponse(await deployment.snapshot(name), request),
      [method.PUT]: async ({ payload, contentFormat: format }) => {
        if (format !== contentFormat.CBOR) return unsupported;
        await deployment.restore(name, new Uint8Array(payload));
        return emptyResponse(code.changed);
      },
    },
  };
}

function image({ deployment, facts }: ResourceParts, digest: string): Resource {
  return {
    read: (request) => documentResponse(facts.versions.imageDocument(digest), request),
    handlers: {
      [method.PUT]: async ({ payload, part }) => {
        const { offset = 0, more = false } = part ?? {};
        return emptyResponse(
          await deployment.putImage(digest, { payload: new Uint8Array(payload), offset, more }),
        );
      },
    },
  };
}

function channel({ channels, facts: { control } }: ResourceParts, name: string): Resource {
  return {
    read: (request) => readingResponse(channels.reading(channels.find(name)), request),
    observable: true,
    handlers: {
      [method.PUT]: async (request) => {
        const found = channels.find(name);
        if (!readingFormatsTaken.includes(request.contentFormat)) return unsupported;
        await control.run({ op: 'reading', channel: found, value: readingOf(request) });
        return emptyResponse(code.changed);
      },
    },
  };
}

/** The command in a body of CBOR or JSON, one of those allowed; RadonError BAD_CONTENT. */
function commandOf(request: NodeRequest, allowed: readonly string[]): string {
  const command = commandIn(request);
  if (typeof command === 'string' && allowed.includes(command)) return command;
  throw new RadonError('BAD_CONTENT', { detail: `command must be ${listed(allowed)}` });
}

/** undefined where the body is none of the documents that carry one. */
function commandIn(request: NodeRequest): FieldValue | undefined {
  try {
    const document = bodyOf(request);
    const isMap = typeof document === 'object' && document !== null && 'command' in document;
    return isMap ? document.command : undefined;
  } catch {
    return undefined;
  }
}

/** `start, stop or restart`. */
function listed(words: readonly string[]): string {
  return words.join(', ').replace(/, (?=[^,]*$)/, ' or ');
}

/** JSON where the Content-Format says so, else CBOR, as on a device. */
function bodyOf({ payload, contentFormat: format }: NodeRequest): FieldValue {
  if (format !== contentFormat.JSON) return decodeFields(payload);
  return JSON.parse(new TextDecoder().decode(payload)) as FieldValue;
}

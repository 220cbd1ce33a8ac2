import { formatCode } from '../coap/codes.ts';
import { atomOf, isInstanceName } from '../message/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { method } from '../tables/index.ts';
import { errorResponse } from './atom-resources.ts';
import type { HostAtom } from './host-atom.ts';
import { findResource, logResponse, type Resource, type ResourceParts } from './node-resources.ts';
import type { Observers } from './observers.ts';
import { pathOf, validated } from './responses.ts';

/** What a request to the host node finds: a resource of the node or one of its atoms. */
export class HostRequests {
  readonly #parts: ResourceParts;
  readonly #observers: Observers;

  constructor(parts: ResourceParts, observers: Observers) {
    this.#parts = parts;
    this.#observers = observers;
  }

  /** Rejects only with faults of this program. */
  answer(request: NodeRequest): Promise<NodeResponse> {
    return this.#answer(request).then((response) => validated(response, request), asResponse);
  }

  observe(request: NodeRequest, listener: ObservationListener): Observation {
    if (request.path[0] === 'a') return this.#observeAtom(request, listener);
    const resource = findResource(this.#parts, request.path);
    const read = resource?.read;
    if (read === undefined || resource?.observable !== true) return this.#answerOnce(request, listener);
    let lines = 0;
    return this.#observers.add(pathOf(request), request, listener, (asked) => {
      this.#parts.facts.control.drain();
      if (asked.path[0] !== 'log') return readSafely(read, asked);
      const response = logResponse(this.#parts.log, lines, asked);
      lines = this.#parts.log.newest;
      return response;
    });
  }

  async #answer(request: NodeRequest): Promise<NodeResponse> {
    this.#parts.facts.control.drain();
    if (request.path[0] === 'a') return await this.#atomRequest(request);
    const resource = findResource(this.#parts, request.path);
    if (resource === undefined) throw new RadonError('NOT_FOUND', { name: pathOf(request) });
    return await handlerFor(resource, request)(request);
  }

  async #atomRequest(request: NodeRequest): Promise<NodeResponse> {
    const { atom, path, instance } = this.#findDeclared(request);
    return await atom.resources.request(path, request, instance);
  }

  /** The atom and the declared path of a request below `/a`, in the order of the runtime interface. */
  #findDeclared(request: NodeRequest): { atom: HostAtom; path: string; instance: number | undefined } {
    const [, name = '', ...rest] = request.path;
    if (rest.length === 0) throw new RadonError('NOT_FOUND', { name: pathOf(request) });
    const path = rest.join('/');
    const atom = this.#parts.atoms.get(atomOf(name));
    if (atom === undefined || !isInstanceName(name)) throw new RadonError('NO_SUCH_ATOM', { name });
    if (!atom.isAlive) throw new RadonError('NOT_RUNNING', { name, phase: atom.phase });
    const declared = atom.configuration?.resources?.some((resource) => resource.path === path);
    if (declared !== true) throw new RadonError('NOT_FOUND', { name: pathOf(request) });
    const instance = name === atom.name ? undefined : Number(name.slice(atom.name.length + 1));
    return { atom, path, instance };
  }

  #observeAtom(request: NodeRequest, listener: ObservationListener): Observation {
    try {
      const { atom, path, instance } = this.#findDeclared(request);
      return atom.resources.observe(path, request, listener, instance);
    } catch (error) {
      return endWith(Promise.resolve(errorResponse(error)), listener);
    }
  }

  #answerOnce(request: NodeRequest, listener: ObservationListener): Observation {
    return endWith(this.#answer(request).catch(asResponse), listener);
  }
}

function handlerFor(
  resource: Resource,
  request: NodeRequest,
): (request: NodeRequest) => NodeResponse | Promise<NodeResponse> {
  const handler =
    resource.handlers?.[request.method] ?? (request.method === method.GET ? resource.read : undefined);
  if (handler !== undefined) return handler;
  const details = { name: pathOf(request), method: formatCode(request.method) };
  throw new RadonError('METHOD_NOT_ALLOWED', details);
}

function readSafely(read: (request: NodeRequest) => NodeResponse, request: NodeRequest): NodeResponse {
  try {
    return read(request);
  } catch (error) {
    return asResponse(error);
  }
}

/** Errors with a row in docs/errors.json are answers; others are faults of this program and reject. */
function asResponse(error: unknown): NodeResponse {
  if (error instanceof RadonError) return problemReply(error);
  throw error;
}

function endWith(answer: Promise<NodeResponse>, listener: ObservationListener): Observation {
  let closed = false;
  void answer.then((response) => {
    if (!closed) listener.end(response);
  });
  return {
    close: () => {
      closed = true;
    },
  };
}

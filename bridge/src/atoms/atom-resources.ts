import { code } from '../coap/codes.ts';
import type { Configuration } from '../image/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { method } from '../tables/index.ts';
import type { Effect, KnownPublication, RequestEvent } from './messages.ts';
import type { AtomAnswer, OpenRequestTable } from './open-request-table.ts';
import { type PublicationTable, validated } from './publication-table.ts';
import { isSuccess, pathOf, problemResponse } from './responses.ts';
import { type AtomState, type RequestCell, requestState } from './shared-state.ts';

/** Senders of requests: whoever holds the node port, and the node itself. */
const sender = { port: 0, node: 1 } as const;

interface Watcher {
  readonly path: string;
  readonly query: string;
  readonly accept: number | undefined;
  readonly format: number | undefined;
  readonly listener: ObservationListener;
  /** Entity tag of the publication told last. */
  told: Uint8Array | undefined;
}

/** What an atom serves under `/a/{name}`: publications, requests that become events, observers. */
export class AtomResources {
  readonly #requests: OpenRequestTable;
  readonly #publications: PublicationTable;
  readonly #state: AtomState;
  readonly #watchers = new Set<Watcher>();
  readonly #published = new Set<string>();
  readonly #notified = new Set<string>();
  /** Requests of the node itself that were not offered yet, by group; undefined while the inbox has no room. */
  readonly #asking = new Map<string, RequestCell | undefined>();
  #configuration: Configuration | undefined;

  constructor(requests: OpenRequestTable, publications: PublicationTable, state: AtomState) {
    this.#requests = requests;
    this.#publications = publications;
    this.#state = state;
  }

  /** Another version, or a start: nothing is published, observers stay. */
  reset(configuration: Configuration): void {
    this.#configuration = configuration;
    this.#publications.clear();
    this.#published.clear();
    this.#notified.clear();
    this.#asking.clear();
  }

  /** A request to a declared path of a running atom. */
  async request(path: string, request: NodeRequest): Promise<NodeResponse> {
    const served = this.#served(path, request);
    if (served !== undefined) return validated(served, request);
    return (await this.#deliver(path, request, sender.port).answer).response;
  }

  /** Observes a declared path of a running atom; `first` tells the listener what `request` would have answered. */
  observe(path: string, request: NodeRequest, listener: ObservationListener): Observation {
    let closed = false;
    let watcher: Watcher | undefined;
    const first = (response: NodeResponse) => {
      if (closed) return;
      if (!isSuccess(response) || !this.#isObservable(path)) {
        listener.end(response);
        return;
      }
      const { accept, query } = request;
      watcher = {
        path,
        query: query.join('&'),
        accept,
        format: response.contentFormat,
        listener,
        told: response.etag,
      };
      this.#watchers.add(watcher);
      listener.next(response);
    };
    this.request(path, { ...request, etags: undefined })
      .catch((error: unknown) => errorResponse(error))
      .then(first);
    return {
      close: () => {
        closed = true;
        if (watcher !== undefined) this.#watchers.delete(watcher);
      },
    };
  }

  /** Ends every observation with the answer a GET gets now. */
  endObservers(response: NodeResponse): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const { listener } of watchers) listener.end(response);
  }

  close(): void {
    this.#watchers.clear();
    this.#requests.close();
  }

  aftermath(): { requests: RequestEvent[]; publications: KnownPublication[] } {
    return { requests: this.#requests.aftermath(), publications: this.#publications.known() };
  }

  // ---- Effects of the activation level ----

  apply(effect: Effect): void {
    if (effect.kind === 'answer') this.#answered(effect);
    else if (effect.kind === 'refuse') this.#refused(effect);
    else if (effect.kind === 'publish') {
      this.#publications.put(effect.publication, effect.payload);
      this.#published.add(effect.publication.path);
    } else if (effect.kind === 'notify') this.#notified.add(effect.path);
    else if (effect.kind === 'ended') this.#tell();
    else if (effect.kind === 'room') this.#askAgain();
  }

  #answered({ ticket, code: responseCode, format, payload }: Effect & { kind: 'answer' }): void {
    const contentFormat = format < 0 ? undefined : format;
    const response = { code: responseCode, payload, contentFormat, maxAge: 0 };
    this.#requests.answer(ticket, { response, byAtom: true });
  }

  #refused({ ticket, error, details }: Effect & { kind: 'refuse' }): void {
    const response = problemResponse(new RadonError(error, { name: this.#requests.name, ...details }));
    this.#requests.answer(ticket, { response, byAtom: false });
  }

  #tell(): void {
    for (const path of this.#published) this.#tellPublished(path);
    for (const path of this.#notified) if (!this.#publications.isServed(path)) this.#ask(path);
    this.#published.clear();
    this.#notified.clear();
  }

  #tellPublished(path: string): void {
    for (const watcher of [...this.#watchers]) {
      if (watcher.path !== path) continue;
      const response = this.#publications.find(path, watcher.format);
      if (response === undefined || response.etag === watcher.told) continue;
      watcher.told = response.etag;
      watcher.listener.next(response);
    }
  }

  // ---- Notifications that the atom answers itself ----

  /** One GET per distinct query and Accept among the observers of a path. */
  #ask(path: string): void {
    const groups = new Map([...this.#watchers].filter((w) => w.path === path).map((w) => [groupOf(w), w]));
    for (const [group, watcher] of groups) {
      if (!this.#isAsking(group)) this.#askFor(group, watcher);
    }
  }

  /** A request for this group waits to be offered. */
  #isAsking(group: string): boolean {
    if (!this.#asking.has(group)) return false;
    const state = this.#asking.get(group)?.state ?? requestState.waiting;
    return state === requestState.waiting || state === requestState.kept;
  }

  #askFor(group: string, { path, query, accept }: Watcher): void {
    const request = {
      method: method.GET,
      path: [],
      query: query === '' ? [] : [query],
      payload: noBytes,
      accept,
    };
    try {
      const { answer, cell } = this.#deliver(path, request, sender.node);
      this.#asking.set(group, cell);
      answer.then((result) => this.#toldBy(group, cell, result));
    } catch {
      this.#asking.set(group, undefined);
      this.#state.set('wantsRoom', 1);
    }
  }

  #askAgain(): void {
    this.#state.set('wantsRoom', 0);
    for (const [group, cell] of [...this.#asking]) {
      if (cell !== undefined) continue;
      this.#asking.delete(group);
      const watcher = [...this.#watchers].find((candidate) => groupOf(candidate) === group);
      if (watcher !== undefined) this.#askFor(group, watcher);
    }
  }

  #toldBy(group: string, cell: RequestCell, { response, byAtom }: AtomAnswer): void {
    if (this.#asking.get(group) === cell) this.#asking.delete(group);
    if (!byAtom) return;
    for (const watcher of [...this.#watchers].filter((candidate) => groupOf(candidate) === group)) {
      if (isSuccess(response) && response.contentFormat === watcher.format) {
        watcher.listener.next(response);
        continue;
      }
      this.#watchers.delete(watcher);
      watcher.listener.end(isSuccess(response) ? notAcceptable(watcher.path) : response);
    }
  }

  #deliver(path: string, request: NodeRequest, from: number): ReturnType<OpenRequestTable['deliver']> {
    if (this.#configuration === undefined) throw new RadonError('NOT_FOUND', { name: pathOf(request) });
    const parts = {
      sender: from,
      method: request.method,
      path,
      query: request.query.join('&'),
      // A copy: what is posted takes its whole buffer along, and a Buffer's is a slab of others' bytes.
      payload: new Uint8Array(request.payload),
      format: request.contentFormat ?? -1,
      accept: request.accept ?? -1,
    };
    return this.#requests.deliver(parts, this.#configuration);
  }

  /** What the node answers itself: GET of a path with a valid publication. */
  #served(path: string, request: NodeRequest): NodeResponse | undefined {
    if (request.method !== method.GET || !this.#publications.isServed(path)) return undefined;
    const found = this.#publications.find(path, request.accept);
    if (found === undefined) throw new RadonError('NOT_ACCEPTABLE', { name: path });
    return found;
  }

  #isObservable(path: string): boolean {
    return (
      this.#configuration?.resources?.some((entry) => entry.path === path && entry.obs === true) === true
    );
  }
}

const noBytes = new Uint8Array(0);

function groupOf({ path, query, accept }: Watcher): string {
  return `${path}\n${query}\n${accept ?? ''}`;
}

function notAcceptable(path: string): NodeResponse {
  return problemResponse(new RadonError('NOT_ACCEPTABLE', { name: path }));
}

export function errorResponse(error: unknown): NodeResponse {
  if (error instanceof RadonError) return problemResponse(error);
  return { code: code.internalServerError, payload: noBytes };
}

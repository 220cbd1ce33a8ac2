import { code } from '../coap/codes.ts';
import type { Configuration } from '../image/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import type { SnapshotPublication } from '../snapshot/index.ts';
import { method } from '../tables/index.ts';
import type { Effect, KnownPublication, RequestEvent } from './messages.ts';
import type { OpenRequestTable } from './open-request-table.ts';
import type { PublicationTable } from './publication-table.ts';
import { isSuccess, pathOf, withEntityTag } from './responses.ts';

import type { AtomState } from './shared-state.ts';

/** Everybody who asks through the node port is one sender, as a bridge is to a device. */
const sender = 0;

interface Watcher {
  /** Number of the instance that was asked; undefined: the atom. */
  readonly instance: number | undefined;
  readonly path: string;
  readonly query: string;
  /** Content-format of the first answer: notifications keep it. */
  readonly format: number | undefined;
  readonly listener: ObservationListener;
}

/** What a GET of an observer asks for. */
type Asked = Pick<Watcher, 'path' | 'query' | 'instance'>;

/** What an atom serves under `/a/{name}`: publications, requests that become events, observers. */
export class AtomResources {
  readonly #requests: OpenRequestTable;
  readonly #publications: PublicationTable;
  readonly #state: AtomState;
  readonly #watchers = new Set<Watcher>();
  /** Paths published and notified in the activation that runs. */
  readonly #published = new Set<string>();
  readonly #notified = new Set<string>();
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
  }

  /** A request to a declared path of a running atom. */
  async request(path: string, request: NodeRequest, instance?: number): Promise<NodeResponse> {
    const served = this.#served(path, request);
    if (served !== undefined) return served;
    if (this.#configuration === undefined) throw new RadonError('NOT_FOUND', { name: pathOf(request) });
    const parts = {
      sender,
      method: request.method,
      path,
      query: request.query.join('&'),
      // A copy: what is posted takes its whole buffer along, and a Buffer's is a slab of others' bytes.
      payload: new Uint8Array(request.payload),
      format: request.contentFormat ?? -1,
      accept: request.accept ?? -1,
      instance,
      hops: request.hopLimit,
    };
    return await this.#requests.deliver(parts, this.#configuration);
  }

  /** Observes a declared path of a running atom; the listener first hears what a GET answers. */
  observe(path: string, request: NodeRequest, listener: ObservationListener, instance?: number): Observation {
    const query = request.query.join('&');
    let closed = false;
    let watcher: Watcher | undefined;
    this.#answer({ path, query, instance }, request.accept).then((response) => {
      if (closed) return;
      if (!isSuccess(response) || !this.#isObservable(path)) {
        listener.end(response);
        return;
      }
      watcher = { instance, path, query, format: response.contentFormat, listener };
      this.#watchers.add(watcher);
      listener.next(response);
    });
    return {
      close: () => {
        closed = true;
        if (watcher !== undefined) this.#watchers.delete(watcher);
      },
    };
  }

  /** A start: each observer gets the answer of a new GET. */
  tellObservers(): void {
    for (const path of new Set([...this.#watchers].map((watcher) => watcher.path))) this.#tell(path);
  }

  /** Ends every observation with the answer a GET gets now. */
  endObservers(response: NodeResponse): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const { listener } of watchers) listener.end(response);
  }

  /** Nobody will answer what is open: the worker is another one. */
  abandon(): void {
    this.#requests.close();
  }

  close(): void {
    this.#watchers.clear();
    this.#requests.close();
  }

  /** What is published, for a snapshot whose time stopped at `frozenAt`. */
  published(frozenAt: number): SnapshotPublication[] {
    return this.#publications.kept(frozenAt);
  }

  /** Publishes what a snapshot says. */
  restore(publications: readonly SnapshotPublication[]): void {
    this.#publications.restore(publications);
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
    else if (effect.kind === 'restarted') for (const { path } of this.#watchers) this.#published.add(path);
    else if (effect.kind === 'ended' || effect.kind === 'room') this.#release();
  }

  #answered({ ticket, code: responseCode, format, payload }: Effect & { kind: 'answer' }): void {
    const contentFormat = format < 0 ? undefined : format;
    this.#requests.answer(ticket, { code: responseCode, payload, contentFormat, maxAge: 0 });
  }

  #refused({ ticket, error, details }: Effect & { kind: 'refuse' }): void {
    const named = new RadonError(error, { name: this.#requests.name, ...details });
    this.#requests.answer(ticket, problemReply(named));
  }

  /** An activation ended, or its inbox has room: observers hear what was published, and what the atom has to be asked. */
  #release(): void {
    this.#state.set('wantsRoom', 0);
    for (const path of this.#published) this.#tell(path);
    this.#published.clear();
    for (const path of this.#notified) this.#tellNotified(path);
  }

  #tellNotified(path: string): void {
    const isIdle = this.#publications.isServed(path) || ![...this.#watchers].some((w) => w.path === path);
    if (!isIdle && !this.#requests.hasRoom(this.#configuration)) {
      this.#state.set('wantsRoom', 1);
      return;
    }
    this.#notified.delete(path);
    if (!isIdle) this.#tell(path);
  }

  // ---- Observers ----

  /** One GET for each distinct query and format among the observers of a path. */
  #tell(path: string): void {
    const watchers = [...this.#watchers].filter((watcher) => watcher.path === path);
    const groups = new Map(watchers.map((watcher) => [groupOf(watcher), watcher]));
    for (const [group, watcher] of groups) {
      const { format } = watcher;
      const served = this.#publications.isServed(path) ? this.#publications.find(path, format) : undefined;
      if (served !== undefined) this.#hear(group, withEntityTag(served));
      else void this.#answer(watcher, format).then((response) => this.#hear(group, response));
    }
  }

  #hear(group: string, response: NodeResponse): void {
    for (const watcher of [...this.#watchers]) {
      if (groupOf(watcher) === group) this.#hearOne(watcher, response);
    }
  }

  #hearOne(watcher: Watcher, response: NodeResponse): void {
    const { listener, format, path } = watcher;
    if (isSuccess(response) && response.contentFormat === format) {
      listener.next(response);
      return;
    }
    this.#watchers.delete(watcher);
    const name = `/a/${this.#requests.name}/${path}`;
    listener.end(isSuccess(response) ? problemReply(new RadonError('NOT_ACCEPTABLE', { name })) : response);
  }

  /** What a GET of an observer answers, errors included. */
  async #answer(asked: Asked, accept: number | undefined): Promise<NodeResponse> {
    const { path, query, instance } = asked;
    const queries = query === '' ? [] : [query];
    const own = ['a', this.#requests.name, path];
    const request = { method: method.GET, path: own, query: queries, payload: noBytes, accept };
    try {
      return withEntityTag(await this.request(path, request, instance));
    } catch (error) {
      return errorResponse(error);
    }
  }

  /** What the node answers itself: GET of a path with a valid publication. */
  #served(path: string, request: NodeRequest): NodeResponse | undefined {
    if (request.method !== method.GET || !this.#publications.isServed(path)) return undefined;
    const found = this.#publications.find(path, request.accept);
    if (found === undefined) throw new RadonError('NOT_ACCEPTABLE', { name: pathOf(request) });
    return found;
  }

  #isObservable(path: string): boolean {
    const { resources } = this.#configuration ?? {};
    return resources?.some((entry) => entry.path === path && entry.obs === true) === true;
  }
}

const noBytes = new Uint8Array(0);

function groupOf({ path, query, format, instance }: Watcher): string {
  return `${path}\n${query}\n${format ?? ''}\n${instance ?? ''}`;
}

export function errorResponse(error: unknown): NodeResponse {
  if (error instanceof RadonError) return problemReply(error);
  return { code: code.internalServerError, payload: noBytes };
}

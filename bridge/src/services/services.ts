/** Resources by what they are, not where: docs/reference/http.md#services. */
import { RadonError } from '../problem/error.ts';
import type { NodeRequest, Observation, ObservationListener } from '../registry/node.ts';
import { createObservationHub, type Observable } from '../registry/observation-hub.ts';
import type { Registry } from '../registry/registry.ts';
import { hasTags } from '../registry/tags.ts';
import { contentFormat, method } from '../tables/index.ts';
import { type Aggregate, aggregateOf, type ProviderAnswer } from './aggregate.ts';
import { AggregateObservation } from './aggregate-observation.ts';
import { createServiceDirectory, type ServiceDirectoryOptions } from './directory.ts';
import { withPatience } from './fail-over.ts';
import { inOrder, type Provider, type Providers } from './provider.ts';
import { type ProviderSource, requestOf, unreachable } from './provider-source.ts';
import { type Selection, selectionOf } from './selection.ts';
import { ServiceObservation, type ServiceResponse } from './service-observation.ts';
import { observeWaiting } from './waiting-observation.ts';

/** A row of `GET /services`. */
export interface Service {
  readonly rt: string;
  readonly providers: readonly string[];
}

export interface Services {
  /** By resource type; of the nodes that have all these tags. */
  list(tags?: readonly string[]): Promise<readonly Service[]>;
  /**
   * Who offers a type and can be asked, in the order of asking; `accepts` are formats that would do. RadonError NOT_FOUND
   * when no node has one, NODE_UNREACHABLE when they are all lost.
   */
  find(selection: Selection, accepts: readonly (number | undefined)[]): Promise<Providers>;
  /** What everybody says who can be asked; RadonError as `find`. */
  all(selection: Selection): Promise<Aggregate>;
  /**
   * Observes `/services/{type}?{query}`, once for all who ask for the same: whichever provider is there, or with `all` the
   * document of all of them (JSON or CBOR). Goes on while nobody is there; ends only before the first representation, and
   * with `waits` not even then.
   */
  observe(
    type: string,
    query: readonly string[],
    accept: number | undefined,
    listener: ObservationListener<ServiceResponse>,
    waits?: boolean,
  ): Observation;
  /** A provider has nothing where its links say so. */
  forget(provider: Provider): void;
}

const noPayload = new Uint8Array(0);

export function createServices(
  registry: Registry,
  options: Omit<ServiceDirectoryOptions, 'registry'> = {},
): Services {
  const directory = createServiceDirectory({ ...options, registry });
  const streams = createObservationHub<ServiceResponse>();
  const forget = ({ node }: Provider) => directory.forget(node);
  const isTagged =
    (tags: readonly string[]) =>
    ({ node }: Provider) =>
      hasTags(registry.stateOf(node).tags, tags);
  const findAll = async ({ type, tags }: Selection) => (await directory.find(type)).filter(isTagged(tags));

  async function find(selection: Selection, accepts: readonly (number | undefined)[]): Promise<Providers> {
    const all = await findAll(selection);
    const reachable = all.filter(({ node }) => node.state().link === 'up');
    const [first, ...others] = inOrder(reachable, selection.query, accepts);
    if (first !== undefined) return [first, ...others];
    const [lost] = all;
    throw lost === undefined
      ? new RadonError('NOT_FOUND', { name: `/services/${selection.type}` })
      : unreachable(lost);
  }

  const sourceOf = (selection: Selection): ProviderSource => ({
    find: (accept) => find(selection, [accept]),
    findAll: () => findAll(selection),
    forget,
    watch: registry.watch,
    observations: registry.observations,
  });

  const service: Observable<ServiceResponse> = {
    observe({ path: [type = ''], query, accept }, listener) {
      const selection = selectionOf(type, query);
      const source = sourceOf(selection);
      return selection.isAll
        ? new AggregateObservation(source, selection, accept ?? contentFormat.CBOR, listener)
        : new ServiceObservation(source, selection, accept, listener);
    },
  };

  return {
    async list(tags = []) {
      const found = [...(await directory.list())].map(([rt, all]) => ({
        rt,
        providers: all.filter(isTagged(tags)).map(({ href }) => href),
      }));
      return found.filter(({ providers }) => providers.length > 0).sort((a, b) => (a.rt < b.rt ? -1 : 1));
    },
    find,
    async all(selection) {
      const providers = await find(selection, []);
      const answers = await Promise.all(providers.map((provider) => ask(provider, selection)));
      return aggregateOf(selection.type, answers, Date.now() / 1000);
    },
    observe(type, query, accept, listener, waits = false) {
      const request: NodeRequest = { method: method.GET, path: [type], query, payload: noPayload, accept };
      const open = (told: typeof listener) => streams.observe(service, request, told);
      return waits ? observeWaiting(open, registry.watch, listener) : open(listener);
    },
    forget,
  };
}

async function ask(provider: Provider, selection: Selection): Promise<ProviderAnswer> {
  const { node } = provider;
  try {
    const answer = await withPatience(provider, (_, signal) =>
      node.request(requestOf(provider, selection), signal),
    );
    return { provider, answer };
  } catch (error) {
    if (!(error instanceof RadonError)) throw error;
    return { provider, answer: error };
  }
}

/** Resources by what they are, not where: docs/reference/http.md#services. */
import { RadonError } from '../problem/error.ts';
import type { Registry } from '../registry/registry.ts';
import { createServiceDirectory, type ServiceDirectoryOptions } from './directory.ts';
import type { Providers } from './fail-over.ts';
import { inOrder, type Provider } from './provider.ts';

/** A row of `GET /services`. */
export interface Service {
  readonly rt: string;
  readonly providers: readonly string[];
}

export interface Services {
  /** By resource type. */
  list(): Promise<readonly Service[]>;
  /**
   * Who offers a type and can be asked, in the order of asking; `accepts` are formats that would do. RadonError NOT_FOUND
   * when no node has one, NODE_UNREACHABLE when they are all lost.
   */
  find(type: string, query: readonly string[], accepts: readonly (number | undefined)[]): Promise<Providers>;
  /** A provider has nothing where its links say so. */
  forget(provider: Provider): void;
}

export function createServices(registry: Registry, options: Omit<ServiceDirectoryOptions, 'registry'> = {}) {
  const directory = createServiceDirectory({ ...options, registry });
  const services: Services = {
    async list() {
      const found = [...(await directory.list())];
      return found
        .map(([rt, providers]) => ({ rt, providers: providers.map(({ href }) => href) }))
        .sort((a, b) => (a.rt < b.rt ? -1 : 1));
    },
    async find(type, query, accepts) {
      const all = await directory.find(type);
      const reachable = all.filter(({ node }) => node.state().link === 'up');
      const [first, ...others] = inOrder(reachable, query, accepts);
      if (first !== undefined) return [first, ...others];
      const [lost] = all;
      if (lost !== undefined) throw new RadonError('NODE_UNREACHABLE', { name: lost.node.name });
      throw new RadonError('NOT_FOUND', { name: `/services/${type}` });
    },
    forget: ({ node }) => directory.forget(node),
  };
  return services;
}

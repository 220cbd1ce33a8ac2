/** Which nodes offer which resource types: the links of the registry's nodes, kept for a while. */
import type { CoreLink } from '../coap/link-format.ts';
import type { NodePort } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { type Provider, providerOf, typesOf } from './provider.ts';

export interface ServiceDirectoryOptions {
  readonly registry: Registry;
  /** Milliseconds, monotonic (default performance.now). */
  readonly now?: () => number;
}

export interface ServiceDirectory {
  /** Providers of every resource type, lost ones too, each by name. */
  list(): Promise<ReadonlyMap<string, readonly Provider[]>>;
  /** Providers of one type. */
  find(type: string): Promise<readonly Provider[]>;
  /** The links of this node are not what it has: they are read again next time. */
  forget(node: NodePort): void;
}

interface Entry {
  readonly links: Promise<readonly CoreLink[]>;
  readonly readAt: number;
  /** When the link of the node changed last. */
  readonly since: number;
}

/** Links this old are read again, milliseconds: meanwhile they are used, unless nobody was found in them. */
const refreshMs = 5_000;
/** When nobody was found, links this old are read again first. */
const recheckMs = 500;
/** Links this old are not used any more. */
const staleMs = 60_000;
/** A slow node holds a caller up this long at most. */
const patienceMs = 2_000;

export function createServiceDirectory({
  registry,
  now = () => performance.now(),
}: ServiceDirectoryOptions): ServiceDirectory {
  const entries = new WeakMap<NodePort, Entry>();

  function read(node: NodePort): Promise<readonly CoreLink[]> {
    const links = registry.links(node, AbortSignal.timeout(patienceMs));
    entries.set(node, { links, readAt: now(), since: node.state().since });
    return links;
  }

  /** Links that are at most so old; older ones than `refreshMs` are read again in any case. */
  function linksOf(node: NodePort, maxAgeMs: number): Promise<readonly CoreLink[]> {
    const known = entries.get(node);
    if (known === undefined || known.since !== node.state().since) return read(node);
    const age = now() - known.readAt;
    if (age > maxAgeMs) return read(node);
    if (age > refreshMs) void read(node);
    return known.links;
  }

  async function list(maxAgeMs = staleMs): Promise<ReadonlyMap<string, readonly Provider[]>> {
    const nodes = registry.list();
    const lists = await Promise.all(nodes.map((node) => linksOf(node, maxAgeMs)));
    const found = new Map<string, Provider[]>();
    for (const [index, node] of nodes.entries()) {
      for (const link of lists[index] ?? []) {
        const provider = providerOf(node, link);
        if (provider === undefined) continue;
        for (const type of typesOf(link)) found.set(type, [...(found.get(type) ?? []), provider]);
      }
    }
    return found;
  }

  return {
    list: () => list(),
    async find(type) {
      const found = (await list()).get(type) ?? [];
      const isThere = found.some(({ node }) => node.state().link === 'up');
      return isThere ? found : ((await list(recheckMs)).get(type) ?? []);
    },
    forget(node) {
      entries.delete(node);
    },
  };
}

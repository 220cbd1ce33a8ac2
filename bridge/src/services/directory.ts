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

/** Resources of one node by their types. */
type Offers = ReadonlyMap<string, readonly Provider[]>;

interface Entry {
  readonly offers: Promise<Offers>;
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

  function read(node: NodePort): Promise<Offers> {
    const links = registry.links(node, AbortSignal.timeout(patienceMs));
    const offers = links.then((told) => offersOf(node, told));
    entries.set(node, { offers, readAt: now(), since: node.state().since });
    return offers;
  }

  /** From links that are at most so old; older ones than `refreshMs` are read again in any case. */
  function offersBy(node: NodePort, maxAgeMs: number): Promise<Offers> {
    const known = entries.get(node);
    if (known === undefined || known.since !== node.state().since) return read(node);
    const age = now() - known.readAt;
    if (age > maxAgeMs) return read(node);
    if (age > refreshMs) void read(node);
    return known.offers;
  }

  const readAll = (maxAgeMs: number) => Promise.all(registry.list().map((node) => offersBy(node, maxAgeMs)));

  async function find(type: string, maxAgeMs: number): Promise<readonly Provider[]> {
    const offers = await readAll(maxAgeMs);
    return offers.flatMap((offered) => offered.get(type) ?? []);
  }

  return {
    async list() {
      const offers = await readAll(staleMs);
      const types = new Set(offers.flatMap((offered) => [...offered.keys()]));
      return new Map(
        [...types].map((type) => [type, offers.flatMap((offered) => offered.get(type) ?? [])] as const),
      );
    },
    async find(type) {
      const found = await find(type, staleMs);
      const isThere = found.some(({ node }) => node.state().link === 'up');
      return isThere ? found : find(type, recheckMs);
    },
    forget(node) {
      entries.delete(node);
    },
  };
}

function offersOf(node: NodePort, links: readonly CoreLink[]): Offers {
  const offers = new Map<string, Provider[]>();
  for (const link of links) {
    const provider = providerOf(node, link);
    if (provider === undefined) continue;
    for (const type of typesOf(link)) offers.set(type, [...(offers.get(type) ?? []), provider]);
  }
  return offers;
}

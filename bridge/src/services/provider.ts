/** Who offers a resource type. */
import type { CoreLink } from '../coap/link-format.ts';
import { hasOurFields } from '../format/index.ts';
import type { NodePort } from '../registry/node.ts';

export interface Provider {
  readonly node: NodePort;
  readonly path: readonly string[];
  /** Where the bridge shows it: `/nodes/gauge-1/a/rain/level`. */
  readonly href: string;
}

export type Providers = readonly [Provider, ...Provider[]];

/** Whether documents of the resource have our field names. */
export function hasOurFieldsAt({ node, path }: Provider): boolean {
  return hasOurFields({ path, isNode: node.state().kind !== 'foreign' });
}

/** The resource of a link; undefined for what is no plain path on the node, and for the memory of an atom. */
export function providerOf(node: NodePort, link: CoreLink): Provider | undefined {
  const href = link.href.startsWith('/') ? link.href : `/${link.href}`;
  if (/[?#]|:\/\//.test(href)) return undefined;
  try {
    const path = href.slice(1).split('/').map(decodeURIComponent);
    const isSnapshot = path[0] === 'atoms' && path[2] === 'snapshot';
    return isSnapshot ? undefined : { node, path, href: `/nodes/${node.name}${printable(href)}` };
  } catch {
    return undefined;
  }
}

/** It is told in headers, whatever a node writes. */
function printable(href: string): string {
  return href.replace(/[^!-~]/gu, encodeURIComponent);
}

/** Resource types of a link (RFC 6690 section 3.1). */
export function typesOf({ attributes }: CoreLink): readonly string[] {
  const rt = Object.hasOwn(attributes, 'rt') ? attributes.rt : undefined;
  return typeof rt === 'string' ? rt.split(' ').filter((type) => type !== '') : [];
}

/** What was answered last and is fresh, then the shortest round trip, then the name. `accepts`: formats that would do. */
export function inOrder(
  providers: readonly Provider[],
  query: readonly string[],
  accepts: readonly (number | undefined)[],
): readonly Provider[] {
  const ranked = providers.map((provider) => ({
    provider,
    isFresh: isFresh(provider, query, accepts),
    roundTripMs: roundTripOf(provider.node),
  }));
  ranked.sort(
    (a, b) =>
      Number(b.isFresh) - Number(a.isFresh) ||
      compare(a.roundTripMs, b.roundTripMs) ||
      compare(a.provider.href, b.provider.href),
  );
  return ranked.map(({ provider }) => provider);
}

function isFresh(
  { node, path }: Provider,
  query: readonly string[],
  accepts: readonly (number | undefined)[],
): boolean {
  if (node.isFresh === undefined) return false;
  const request = { method: 1, path, query, payload: new Uint8Array(0) };
  return accepts.some((accept) => node.isFresh?.({ ...request, accept }));
}

/** The host node is in this process; a board that was not measured yet comes last. */
function roundTripOf(node: NodePort): number {
  const { kind, roundTripMs } = node.state();
  return roundTripMs ?? (kind === 'host' ? 0 : Number.POSITIVE_INFINITY);
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

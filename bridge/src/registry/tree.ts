/** What the bridge itself shows at `/nodes` and `/.well-known/core`, on HTTP and on CoAP alike. */
import type { CoreLink } from '../coap/link-format.ts';
import type { NodePort } from './node.ts';
import type { Registry } from './registry.ts';

/** A slow node holds a listing up this long at most, milliseconds. */
const linksTimeoutMs = 2_000;

/** Every resource the bridge knows: its own and, below `/nodes/{node}`, those of the nodes. */
export async function listLinks(registry: Registry): Promise<readonly CoreLink[]> {
  const own: CoreLink[] = [
    { href: '/nodes', attributes: { rt: 'radon.nodes', ct: '50 60', obs: true, title: 'Nodes' } },
  ];
  const lists = await Promise.all(registry.list().map((node) => listNodeLinks(registry, node)));
  return own.concat(...lists);
}

async function listNodeLinks(registry: Registry, node: NodePort): Promise<readonly CoreLink[]> {
  const base = `/nodes/${node.name}`;
  const links = await registry.links(node, AbortSignal.timeout(linksTimeoutMs));
  const own: CoreLink = { href: base, attributes: { rt: 'radon.node', ct: '50 60', obs: true } };
  return [own, ...links.map(({ href, attributes }) => ({ href: join(base, href), attributes }))];
}

function join(base: string, href: string): string {
  return href.startsWith('/') ? base + href : `${base}/${href}`;
}

import { type CoreLink, filterLinks, formatLinks } from '../coap/link-format.ts';
import { contentFormat } from '../tables/index.ts';
import type { HostAtom } from './host-atom.ts';
import type { ChannelDeclaration } from './options.ts';
import { documentFormats, readingFormats } from './responses.ts';

/** `/.well-known/core` of the node (RFC 6690): its own resources, and what atoms declare without being woken. */
export function coreLinks(
  atoms: Iterable<HostAtom>,
  channels: readonly ChannelDeclaration[],
  query: readonly string[],
): string {
  const document = documentFormats.join(' ');
  const readings = readingFormats.join(' ');
  const links: CoreLink[] = [
    link('/.well-known/core', { ct: String(contentFormat.LINK_FORMAT) }),
    link('/node', { rt: 'radon.node', ct: document, obs: true }),
    link('/atoms', { rt: 'radon.atoms', ct: document, obs: true }),
    link('/names', { rt: 'radon.names', ct: document, obs: true }),
    link('/io', { rt: 'radon.io', ct: document }),
    ...channels.map(({ name, direction }) => {
      const interfaceName = direction === 'out' ? 'core.a' : 'core.s';
      return link(`/io/${name}`, { rt: 'radon.channel', if: interfaceName, ct: readings, obs: true });
    }),
    link('/log', { rt: 'radon.log', ct: '0 60 50', obs: true }),
    link('/time', { rt: 'radon.time', ct: String(contentFormat.TEXT) }),
    link('/lease', { rt: 'radon.lease', ct: document }),
  ];
  for (const atom of atoms) links.push(...atomLinks(atom, document));
  return formatLinks(filterLinks(links, query));
}

function atomLinks({ name, configuration }: HostAtom, document: string): CoreLink[] {
  const own = link(`/atoms/${name}`, { rt: 'radon.atom', ct: document, obs: true });
  const declared = (configuration?.resources ?? []).map(({ path, rt, if: interfaceName, ct, obs, title }) =>
    link(`/a/${name}/${path}`, { rt, if: interfaceName, ct: ct?.join(' '), obs, title }),
  );
  return [own, ...declared];
}

function link(href: string, given: Readonly<Record<string, string | boolean | undefined>>): CoreLink {
  const attributes: Record<string, string | true> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== false && value !== '') attributes[name] = value;
  }
  return { href, attributes };
}

/** Lookup in the directory (RFC 9176 section 6). */
import { type CoreLink, filterLinks } from '../coap/link-format.ts';
import { RadonError } from '../problem/index.ts';
import type { Registration } from './directory.ts';

/** Registrations as links to their locations; a criterion holds for the registration or for one of its links. */
export function lookupEndpoints(registrations: readonly Registration[], query: readonly string[]) {
  const { criteria, page } = pagingOf(query);
  const found = registrations.filter((registration) => {
    const candidates = [endpointLink(registration), ...resourceLinks(registration)];
    return criteria.every((criterion) => filterLinks(candidates, [criterion]).length > 0);
  });
  return page(found.map(endpointLink));
}

/** Links with absolute targets; a criterion holds for the link or for its registration. */
export function lookupResources(registrations: readonly Registration[], query: readonly string[]) {
  const { criteria, page } = pagingOf(query);
  const found = registrations.flatMap((registration) => {
    const endpoint = endpointLink(registration);
    return resourceLinks(registration).filter((link) =>
      criteria.every((criterion) => filterLinks([link, endpoint], [criterion]).length > 0),
    );
  });
  return page(found);
}

function endpointLink({ id, base, endpoint, sector, further }: Registration): CoreLink {
  const own = { base, ep: endpoint, ...(sector !== undefined && { d: sector }), rt: 'core.rd-ep' };
  return { href: `/rd/${id}`, attributes: { ...further, ...own } };
}

function resourceLinks({ base, links }: Registration): readonly CoreLink[] {
  return links.map(({ href, attributes }) => ({ href: base + href, attributes }));
}

/** RFC 9176 section 6.2: `count` links of page `page`, which begins with 0. */
function pagingOf(query: readonly string[]) {
  const isPaging = (argument: string) => /^(page|count)(=|$)/.test(argument);
  const count = numberOf(query, 'count');
  const page = numberOf(query, 'page');
  if (count === 0 || (count === undefined && page !== undefined))
    throw new RadonError('BAD_REQUEST', { detail: 'page needs a count above 0' });
  const start = (page ?? 0) * (count ?? 0);
  return {
    criteria: query.filter((argument) => !isPaging(argument)),
    page: (links: readonly CoreLink[]) => (count === undefined ? links : links.slice(start, start + count)),
  };
}

function numberOf(query: readonly string[], name: string): number | undefined {
  const given = query.find((argument) => argument === name || argument.startsWith(`${name}=`));
  if (given === undefined) return undefined;
  const digits = given.slice(name.length + 1);
  if (!/^\d{1,9}$/.test(digits)) throw new RadonError('BAD_REQUEST', { detail: `${name} is no number` });
  return Number(digits);
}

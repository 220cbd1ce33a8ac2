/** The links of a registration: only the registrant's own resources, and nothing that reads as something else. */
import { type CoreLink, LinkFormatError, parseLinks } from '../coap/link-format.ts';
import { RadonError } from '../problem/index.ts';

const mostLinks = 64;
const mostBytes = 8_192;
const mostAttributes = 16;
const longestText = 255;

/** With targets as absolute paths; links to or from elsewhere are left out. RadonError BAD_REQUEST for too many or too long ones. */
export function readRegisteredLinks(payload: Uint8Array, base: string): readonly CoreLink[] {
  if (payload.length > mostBytes) throw bad(`the links have more than ${mostBytes} bytes`);
  const links = parse(payload);
  if (links.length > mostLinks) throw bad(`there are more than ${mostLinks} links`);
  return links.flatMap((link) => ownLink(link, base) ?? []);
}

function parse(payload: Uint8Array): readonly CoreLink[] {
  try {
    return parseLinks(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (cause) {
    const detail = cause instanceof LinkFormatError ? cause.message : 'the body is no UTF-8';
    throw new RadonError('BAD_REQUEST', { detail }, { cause });
  }
}

function ownLink({ href, attributes }: CoreLink, base: string): CoreLink | undefined {
  const path = pathBelow(href, base);
  // An attribute of that name would be taken for the target where links are JSON.
  const { anchor = '/', href: _, ...kept } = attributes;
  if (path === undefined || anchor === true || pathBelow(anchor, base) !== '/') return undefined;
  const entries = Object.entries(kept);
  if (entries.length > mostAttributes) throw bad(`a link has more than ${mostAttributes} attributes`);
  for (const [name, value] of entries) checkText(`${name}${value}`);
  return { href: path, attributes: kept };
}

/** The path of a reference that stays below the base; undefined for any other. */
function pathBelow(reference: string, base: string): string | undefined {
  const isBase = reference === base || reference.startsWith(`${base}/`);
  const path = isBase ? reference.slice(base.length) || '/' : reference;
  const isPath = /^\/(?!\/)[\x21-\x7e]*$/.test(path) && path.length <= longestText;
  const climbs = path.split(/[/?#]/).some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
  return isPath && !climbs ? path : undefined;
}

function checkText(text: string): void {
  if (text.length > longestText || /\p{C}/u.test(text)) throw bad('an attribute is out of range');
}

function bad(detail: string): RadonError {
  return new RadonError('BAD_REQUEST', { detail });
}

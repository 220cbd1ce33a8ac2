/** CoRE link format (RFC 6690): what `/.well-known/core` says. */
import { RadonError } from '../problem/error.ts';

/** One link; attributes in order of appearance, `true` for those without a value (`obs`). */
export interface CoreLink {
  readonly href: string;
  readonly attributes: Readonly<Record<string, string | true>>;
}

const maxLinks = 4096;
/** RFC 6690 section 2: `<` URI-Reference `>`. */
const target = /\s*<([^>]*)>/y;
/** `;name`, `;name=token` or `;name="quoted"` with backslash escapes. */
const parameter = /\s*;\s*([^\s=;,"<>]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;
const separator = /\s*(,|$)/y;

/** Reads link format; RadonError BAD_CONTENT where it is none. */
export function parseLinks(text: string): readonly CoreLink[] {
  const links: CoreLink[] = [];
  for (let at = 0; at < text.length; ) {
    if (links.length === maxLinks) throw bad(`more than ${maxLinks} links`);
    const href = matchAt(target, text, at);
    if (href === undefined) throw bad(`no link at character ${at}`);
    const { attributes, end } = parseAttributes(text, at + href[0].length);
    const next = matchAt(separator, text, end);
    if (next === undefined) throw bad(`unexpected text at character ${end}`);
    links.push({ href: href[1] ?? '', attributes });
    at = end + next[0].length;
    if (next[1] === ',' && at === text.length) throw bad('no link after the last comma');
  }
  return links;
}

/** Link format; numbers and lists of numbers (`sz`, `ct=60`) unquoted, anything else quoted. */
export function formatLinks(links: readonly CoreLink[]): string {
  return links.map((link) => `<${link.href}>${formatAttributes(link)}`).join(',');
}

/** The filter of RFC 6690 section 4.1: every `name=value` must match, a final `*` matches the rest. */
export function filterLinks(links: readonly CoreLink[], query: readonly string[]): readonly CoreLink[] {
  const filters = query.map(splitFilter);
  return links.filter((link) => filters.every(([name, value]) => matches(link, name, value)));
}

function parseAttributes(
  text: string,
  start: number,
): { attributes: Record<string, string | true>; end: number } {
  const entries = new Map<string, string | true>();
  let end = start;
  for (let found = matchAt(parameter, text, end); found; found = matchAt(parameter, text, end)) {
    const [whole, name = '', quoted, token] = found;
    if (!entries.has(name)) entries.set(name, quoted?.replace(/\\(.)/g, '$1') ?? token ?? true);
    end += whole.length;
  }
  return { attributes: Object.fromEntries(entries), end };
}

function formatAttributes(link: CoreLink): string {
  return Object.entries(link.attributes)
    .map(([name, value]) => {
      if (value === true) return `;${name}`;
      return /^\d+$/.test(value) ? `;${name}=${value}` : `;${name}="${value.replace(/["\\]/g, '\\$&')}"`;
    })
    .join('');
}

function splitFilter(argument: string): [string, string] {
  const at = argument.indexOf('=');
  return at < 0 ? [argument, '*'] : [argument.slice(0, at), argument.slice(at + 1)];
}

function matches(link: CoreLink, name: string, value: string): boolean {
  const own = name === 'href' ? link.href : Object.hasOwn(link.attributes, name) && link.attributes[name];
  if (own === false || own === undefined) return false;
  if (own === true) return value === '*';
  const isList = name === 'rt' || name === 'if' || name === 'rel' || name === 'ct';
  const candidates = isList ? own.split(' ') : [own];
  return candidates.some((one) => (value.endsWith('*') ? one.startsWith(value.slice(0, -1)) : one === value));
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function bad(detail: string): RadonError {
  return new RadonError('BAD_CONTENT', { detail });
}

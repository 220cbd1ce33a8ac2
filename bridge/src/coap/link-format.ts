/** CoRE link format (RFC 6690): write, parse, filter. Text in, text out. */

/** One link; attributes in order of appearance, `true` for those without a value (`obs`). */
export interface CoreLink {
  /** As it stands between the angle brackets, percent-encoded. */
  readonly href: string;
  readonly attributes: Readonly<Record<string, string | true>>;
}

/** Largest document parsed, in links. */
const maxLinks = 4_096;
const token = /^[!#$%&'()*+\-./:<=>?@[\]^_`{|}~0-9A-Za-z]+$/;

/** Comma-separated, no white space; a value that is one number (`sz`, `ct`) goes unquoted. */
export function formatLinks(links: readonly CoreLink[]): string {
  return links.map(formatLink).join(',');
}

function formatLink({ href, attributes }: CoreLink): string {
  let text = `<${href}>`;
  for (const [name, value] of Object.entries(attributes)) text += `;${name}${formatValue(value)}`;
  return text;
}

function formatValue(value: string | true): string {
  if (value === true) return '';
  if (/^\d+$/.test(value)) return `=${value}`;
  return `="${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** A link-format document that breaks the grammar; `at` is the character. */
export class LinkFormatError extends Error {
  override readonly name = 'LinkFormatError';
  readonly at: number;

  constructor(message: string, at: number) {
    super(`${message} at character ${at}`);
    this.at = at;
  }
}

/** Parses a whole document; throws `LinkFormatError`. A repeated attribute keeps its first value (RFC 6690 section 3). */
export function parseLinks(text: string): CoreLink[] {
  const links: CoreLink[] = [];
  const reader = new Reader(text);
  if (reader.atEnd) return links;
  do {
    if (links.length === maxLinks) throw reader.error(`more than ${maxLinks} links`);
    links.push(readLink(reader));
  } while (reader.take(','));
  if (!reader.atEnd) throw reader.error('expected "," or ";"');
  return links;
}

function readLink(reader: Reader): CoreLink {
  reader.skipSpace();
  if (!reader.take('<')) throw reader.error('expected "<"');
  const href = reader.until('>');
  const attributes: Record<string, string | true> = Object.create(null);
  reader.skipSpace();
  while (reader.take(';')) {
    reader.skipSpace();
    const name = reader.word(/[^=;,"<>\s]/);
    if (name === '') throw reader.error('expected an attribute');
    const value = reader.take('=') ? readValue(reader) : true;
    if (!(name in attributes)) attributes[name] = value;
    reader.skipSpace();
  }
  return { href, attributes: { ...attributes } };
}

function readValue(reader: Reader): string {
  if (reader.take('"')) return reader.quoted();
  const value = reader.word(/[^;,"\s]/);
  if (!token.test(value)) throw reader.error('expected a value');
  return value;
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  skipSpace(): void {
    this.word(/\s/);
  }

  word(allowed: RegExp): string {
    const start = this.at;
    while (!this.atEnd && allowed.test(this.text[this.at] ?? '')) this.at += 1;
    return this.text.slice(start, this.at);
  }

  until(end: string): string {
    const stop = this.text.indexOf(end, this.at);
    if (stop < 0) throw this.error(`missing "${end}"`);
    const found = this.text.slice(this.at, stop);
    this.at = stop + 1;
    return found;
  }

  /** After the opening quote, up to and including the closing one. */
  quoted(): string {
    let value = '';
    while (!this.atEnd) {
      const character = this.text[this.at] ?? '';
      this.at += 1;
      if (character === '"') return value;
      if (character === '\\') {
        value += this.text[this.at] ?? '';
        this.at += 1;
      } else value += character;
    }
    throw this.error('missing quote');
  }

  error(message: string): LinkFormatError {
    return new LinkFormatError(message, this.at);
  }
}

/** Attributes that hold several values separated by spaces (RFC 6690 section 4.1). */
const listAttributes = new Set(['rt', 'if', 'rel', 'ct']);

/**
 * The links that match every filter of a query such as `rt=rain*` (RFC 6690 section 4.1): `href` is the target, a trailing
 * `*` a prefix, an attribute without value matches its presence. Filters without `=` match links that have the attribute.
 */
export function filterLinks(links: readonly CoreLink[], query: readonly string[]): CoreLink[] {
  return links.filter((link) => query.every((filter) => matchesFilter(link, filter)));
}

function matchesFilter(link: CoreLink, filter: string): boolean {
  const equals = filter.indexOf('=');
  const name = equals < 0 ? filter : filter.slice(0, equals);
  const actual = name === 'href' ? decodeTarget(link.href) : ownAttribute(link, name);
  if (actual === undefined) return false;
  if (equals < 0) return true;
  const wanted = filter.slice(equals + 1);
  if (actual === true) return wanted === '*';
  const candidates = listAttributes.has(name) ? actual.split(' ') : [actual];
  return candidates.some((candidate) => matchesValue(candidate, wanted));
}

function ownAttribute(link: CoreLink, name: string): string | true | undefined {
  return Object.hasOwn(link.attributes, name) ? link.attributes[name] : undefined;
}

/** Filters arrive decoded, so targets are compared decoded. */
function decodeTarget(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}

function matchesValue(candidate: string, wanted: string): boolean {
  return wanted.endsWith('*') ? candidate.startsWith(wanted.slice(0, -1)) : candidate === wanted;
}

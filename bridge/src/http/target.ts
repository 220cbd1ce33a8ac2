/** The request target (RFC 9112 section 3.2) as CoAP options see it (RFC 7252 section 6.4). */
import { RadonError } from '../problem/error.ts';
import { checkOptionText } from '../registry/uri-parts.ts';

export interface Target {
  /** Decoded; a `%2F` stays inside its segment. The root is `[]`. */
  readonly segments: readonly string[];
  /** Decoded arguments. */
  readonly query: readonly string[];
}

const noQuery: readonly string[] = [];

/** RadonError BAD_REQUEST for anything that is no path, or that no CoAP request can carry. */
export function parseTarget(target: string): Target {
  if (!target.startsWith('/')) throw bad('the target is not a path');
  const at = target.indexOf('?');
  const pathEnd = at < 0 ? target.length : at;
  return {
    segments: pathEnd === 1 ? [] : decodeAll(target, 1, pathEnd, '/', 'path segment'),
    query:
      pathEnd + 1 >= target.length
        ? noQuery
        : decodeAll(target, pathEnd + 1, target.length, '&', 'query argument'),
  };
}

/** A path of decoded segments, encoded: the inverse of `parseTarget`. */
export function formatPath(segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

/** `?` and decoded arguments, encoded; empty where there are none. */
export function formatQuery(query: readonly string[]): string {
  if (query.length === 0) return '';
  return `?${query.map((argument) => encodeURIComponent(argument).replaceAll('%3D', '=')).join('&')}`;
}

/** The parts of text from `start` to `end`, decoded. */
function decodeAll(text: string, start: number, end: number, separator: string, what: string): string[] {
  const parts: string[] = [];
  for (let from = start; from <= end; ) {
    const found = text.indexOf(separator, from);
    const to = found < 0 || found > end ? end : found;
    parts.push(decodePart(text.slice(from, to), what));
    from = to + 1;
  }
  return parts;
}

function decodePart(part: string, what: string): string {
  const decoded = part.includes('%') ? decodePercent(part, what) : part;
  if (decoded === '.' || decoded === '..') throw bad(`a ${what} is "${decoded}"`);
  checkOptionText(decoded, what);
  return decoded;
}

function decodePercent(part: string, what: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw bad(`the percent-encoding of a ${what} is malformed`, cause);
  }
}

function bad(detail: string, cause?: unknown): RadonError {
  return new RadonError('BAD_REQUEST', { detail }, { cause });
}

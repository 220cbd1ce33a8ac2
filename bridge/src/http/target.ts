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
  const path = at < 0 ? target : target.slice(0, at);
  return {
    segments: path === '/' ? [] : decodeAll(path.slice(1).split('/'), 'path segment'),
    query:
      at < 0 || at === target.length - 1
        ? noQuery
        : decodeAll(target.slice(at + 1).split('&'), 'query argument'),
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

function decodeAll(parts: string[], what: string): string[] {
  for (let index = 0; index < parts.length; index += 1) {
    const part = decodePart(parts[index] ?? '', what);
    if (part === '.' || part === '..') throw bad(`a ${what} is "${part}"`);
    parts[index] = part;
  }
  return parts;
}

function decodePart(part: string, what: string): string {
  const decoded = part.includes('%') ? decodePercent(part, what) : part;
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

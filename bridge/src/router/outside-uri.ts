/** `coap://host[:port]/path?query` as the options of a request (RFC 7252 section 6.4). */
import { RadonError } from '../problem/error.ts';
import { checkOptionText } from '../registry/uri-parts.ts';

export interface OutsideUri {
  /** In lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly path: readonly string[];
  readonly query: readonly string[];
}

const form = /^coap:\/\/(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(\d{1,5}))?(\/[^?#]*)?(?:\?([^#]*))?$/i;
const defaultPort = 5_683;
const highestPort = 65_535;

/** RadonError BAD_REQUEST for anything else, user names and fragments included. */
export function parseOutsideUri(uri: string): OutsideUri {
  const [, authority, digits, path = '', query] = form.exec(uri) ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  if (authority === undefined || port < 1 || port > highestPort) throw bad('it is no coap:// URI');
  return {
    host: authority.toLowerCase().replace(/^\[|\]$/g, ''),
    port,
    path: path === '' || path === '/' ? [] : path.slice(1).split('/').map(decodeSegment),
    query: query === undefined ? [] : query.split('&').map(decode),
  };
}

/** Whether a list of `host` and `host:port` has it; a host alone stands for each of its ports. */
export function isListed(hosts: readonly string[], { host, port }: OutsideUri): boolean {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const accepted = [host, bracketed, `${bracketed}:${port}`];
  return hosts.some((listed) => accepted.includes(listed.toLowerCase()));
}

function decodeSegment(text: string): string {
  const segment = decode(text);
  if (segment === '.' || segment === '..') throw bad(`a path segment is "${segment}"`);
  return segment;
}

function decode(text: string): string {
  const decoded = decodePercent(text);
  checkOptionText(decoded, 'part of it');
  return decoded;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw bad('its percent-encoding is malformed', cause);
  }
}

function bad(detail: string, cause?: unknown): RadonError {
  return new RadonError('BAD_REQUEST', { detail }, { cause });
}

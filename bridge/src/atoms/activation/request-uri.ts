import { isName } from '../../message/index.ts';

/** Where an own request goes, in CoAP's terms. */
export interface RequestTarget {
  /** Node of `//<node>/…`; undefined with `/…` or `coap://…`. */
  readonly node?: string;
  /** `coap://…` as it was given. */
  readonly proxyUri?: string;
  /** Decoded segments. */
  readonly path: readonly string[];
  /** Decoded arguments. */
  readonly query: readonly string[];
}

/** Reads `/path?query`, `//<node>/path?query` or `coap://host/path?query`; undefined for a text that is none. */
export function parseRequestUri(uri: string): RequestTarget | undefined {
  if (!/^[!-~]+$/.test(uri) || uri.includes('#')) return undefined;
  const [, host, hostRest = ''] = /^coap:\/\/([^/?]+)(.*)$/.exec(uri) ?? [];
  if (host !== undefined) {
    return parsePath(hostRest === '' ? '/' : hostRest) && { proxyUri: uri, path: [], query: [] };
  }
  const [, node, rest = ''] = /^\/\/([^/?]*)(\/.*)$/.exec(uri) ?? [];
  if (node === undefined) return uri.startsWith('//') ? undefined : parsePath(uri);
  const target = isName(node) ? parsePath(rest) : undefined;
  return target && { node, ...target };
}

export function isRequestUri(uri: string): boolean {
  return parseRequestUri(uri) !== undefined;
}

function parsePath(text: string): Pick<RequestTarget, 'path' | 'query'> | undefined {
  const [, path, query] = /^\/([^?]*)(?:\?(.*))?$/.exec(text) ?? [];
  if (path === undefined) return undefined;
  try {
    const segments = path === '' ? [] : path.split('/').map(decodeURIComponent);
    const parts = query === undefined || query === '' ? [] : query.split('&').map(decodeURIComponent);
    return { path: segments, query: parts };
  } catch {
    return undefined;
  }
}

/** Where a request with Proxy-Uri, or with Proxy-Scheme and Uri-Host, goes (RFC 7252 section 5.7.2). */
import { option } from '../coap/options.ts';
import type { CoapRequest } from '../coap/types.ts';
import { isListed, type OutsideUri, parseOutsideUri } from '../router/index.ts';

export type ProxyTarget =
  /** This server itself. */
  | { readonly at: 'here'; readonly path: readonly string[]; readonly query: readonly string[] }
  /** A node, by its name in place of a host. */
  | { readonly at: 'node'; readonly to: OutsideUri }
  /** A server that is no node. */
  | { readonly at: 'outside'; readonly to: OutsideUri; readonly uri: string }
  /** `host` is undefined where the scheme is not `coap`. */
  | { readonly at: 'refused'; readonly host: string | undefined };

/** What is known of the names in a URI. */
export interface ProxyScope {
  /** `host` (any port) or `host:port` of servers that are no nodes. */
  readonly hosts: readonly string[];
  isOwn(host: string, port: number): boolean;
  isNode(name: string): boolean;
}

export const defaultPort = 5_683;

/** Undefined for a request without proxy options. RadonError BAD_REQUEST for what is no URI. */
export function proxyTargetOf(request: CoapRequest, scope: ProxyScope): ProxyTarget | undefined {
  if (!request.proxied) return undefined;
  const [proxyUri] = request.stringsOf(option.proxyUri);
  const [scheme] = proxyUri === undefined ? request.stringsOf(option.proxyScheme) : [schemeOf(proxyUri)];
  if (scheme !== undefined && scheme.toLowerCase() !== 'coap') return { at: 'refused', host: undefined };
  const uri = proxyUri ?? uriOfOptions(request);
  if (uri === undefined) return { at: 'here', path: request.pathSegments, query: request.query };
  return judge(uri, parseOutsideUri(uri), scope);
}

function judge(uri: string, to: OutsideUri, scope: ProxyScope): ProxyTarget {
  if (scope.isOwn(to.host, to.port)) return { at: 'here', path: to.path, query: to.query };
  if (to.port === defaultPort && scope.isNode(to.host)) return { at: 'node', to };
  return isListed(scope.hosts, to) ? { at: 'outside', to, uri } : { at: 'refused', host: to.host };
}

function schemeOf(uri: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1];
}

/** RFC 7252 section 6.5; undefined without Uri-Host: the authority is the one the request was sent to. */
function uriOfOptions(request: CoapRequest): string | undefined {
  const [host] = request.stringsOf(option.uriHost);
  if (host === undefined) return undefined;
  const port = request.uintOf(option.uriPort) ?? defaultPort;
  const path = request.pathSegments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
  const query = request.query.map(encodeURIComponent).join('&');
  const isBareIpv6 = host.includes(':') && !host.startsWith('[');
  return `coap://${isBareIpv6 ? `[${host}]` : host}:${port}${path}${query && `?${query}`}`;
}

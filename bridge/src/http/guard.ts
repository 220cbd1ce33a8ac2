/** Who may ask: hosts this server answers for, origins that may change something, holders of a token with the right. */
import { type Access, type Caller, includesRight, type RateLimit } from '../access/index.ts';
import { RadonError } from '../problem/error.ts';
import { callerOf } from './caller.ts';
import { type HttpRequest, headerOf } from './message.ts';
import type { Right } from './routes/index.ts';

export interface GuardOptions {
  /** Host names and addresses without port, beside the loopback ones. */
  readonly allowedHosts?: readonly string[];
  /** When given, every request that needs a right needs a token or a session that has it. */
  readonly access?: Access | undefined;
  /** How often each token from each address, and each address without one, may ask. */
  readonly rateLimit?: RateLimit | undefined;
}

/**
 * Who asks; undefined where no right is needed. Throws RadonError BAD_REQUEST, HOST_NOT_ALLOWED, TOKEN_IN_QUERY, ORIGIN_NOT_ALLOWED,
 * TOKEN_REQUIRED, TOKEN_UNKNOWN, RIGHT_MISSING or RATE_LIMITED.
 */
export type Guard = (request: HttpRequest, right: Right) => Caller | undefined;

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];
/** QUERY is safe too, but no page from elsewhere may make a node work. */
const readMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const maxCachedHosts = 64;
/** `Sec-Fetch-Site` of requests of our own pages, and of those that no page made. */
const ownSites: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** Whether a method changes nothing (RFC 9110 section 9.2.1). */
export function isSafeMethod(method: string): boolean {
  return readMethods.has(method) || method === 'QUERY';
}

export function createGuard(options: GuardOptions): Guard {
  const hosts = new Set([...loopbackHosts, ...(options.allowedHosts ?? []).map(normalizeHost)]);
  const passed = new Set<string>();
  const { access, rateLimit } = options;

  function checkHost(host: string | undefined): void {
    // RFC 9112 section 3.2.
    if (host === undefined)
      throw new RadonError('BAD_REQUEST', { detail: 'it has no Host, or more than one' });
    if (passed.has(host)) return;
    if (!hosts.has(normalizeHost(host)))
      throw new RadonError('HOST_NOT_ALLOWED', { name: host.slice(0, 100) });
    if (passed.size < maxCachedHosts) passed.add(host);
  }

  /** Who guesses tokens is slowed down as any other client without one. */
  function identify(request: HttpRequest, right: Right): Caller | undefined {
    let caller: Caller | undefined;
    try {
      if (right !== 'none') caller = callerOf(request, access);
      return caller;
    } finally {
      checkRate(request.client ?? '', caller);
    }
  }

  function checkRate(client: string, caller: Caller | undefined): void {
    if (rateLimit === undefined) return;
    const party = caller?.name === undefined ? client : `${client} ${caller.name}`;
    if (!rateLimit.take(party)) throw new RadonError('RATE_LIMITED', { limit: rateLimit.perSecond });
  }

  return (request, right) => {
    checkHost(headerOf(request, 'host'));
    checkQuery(request.target);
    if (!readMethods.has(request.method) || request.isWebSocket) checkOrigin(request);
    const caller = identify(request, right);
    if (caller !== undefined) checkRight(caller, right);
    return caller;
  };
}

function checkRight({ right: has, name = '' }: Caller, needs: Right): void {
  if (needs !== 'none' && !includesRight(has, needs))
    throw new RadonError('RIGHT_MISSING', { needs, right: has, name });
}

/** Addresses stand in logs and histories. */
function checkQuery(target: string): void {
  if (/[?&](access_)?token=/i.test(target)) throw new RadonError('TOKEN_IN_QUERY');
}

/** Browsers send `Origin` with every unsafe request and every WebSocket: only our own pages may make one (no page can forge it). */
function checkOrigin(request: HttpRequest): void {
  const origin = headerOf(request, 'origin');
  if (origin === undefined) {
    const site = headerOf(request, 'sec-fetch-site') ?? 'none';
    if (ownSites.has(site)) return;
    throw new RadonError('ORIGIN_NOT_ALLOWED', { name: site.slice(0, 100) });
  }
  const host = headerOf(request, 'host');
  if (origin === `http://${host}` || origin === `https://${host}`) return;
  throw new RadonError('ORIGIN_NOT_ALLOWED', { name: origin.slice(0, 100) });
}

/** Lower case, no port, no final dot; IPv6 in brackets. */
function normalizeHost(host: string): string {
  const bare = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return host.includes('::') && !host.startsWith('[') ? `[${host.toLowerCase()}]` : bare;
}

/** Who may ask: hosts this server answers for, origins that may change something, holders of the token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { RadonError } from '../problem/error.ts';
import { type HttpRequest, headerOf } from './message.ts';
import type { Right } from './routes/index.ts';

export interface GuardOptions {
  /** Host names and addresses without port, beside the loopback ones. */
  readonly allowedHosts?: readonly string[];
  /** When given, every request that needs a right needs `Authorization: Bearer TOKEN`. */
  readonly token?: string | undefined;
}

/** Throws RadonError HOST_NOT_ALLOWED, ORIGIN_NOT_ALLOWED or TOKEN_REQUIRED. */
export type Guard = (request: HttpRequest, right: Right) => void;

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const maxCachedHosts = 64;

export function createGuard(options: GuardOptions): Guard {
  const hosts = new Set([...loopbackHosts, ...(options.allowedHosts ?? []).map(normalizeHost)]);
  const passed = new Set<string>();
  const token = options.token;

  function checkHost(host: string): void {
    if (passed.has(host)) return;
    if (!hosts.has(normalizeHost(host)))
      throw new RadonError('HOST_NOT_ALLOWED', { name: host.slice(0, 100) });
    if (passed.size < maxCachedHosts) passed.add(host);
  }

  return (request, right) => {
    checkHost(headerOf(request, 'host') ?? '');
    if (right === 'none') return;
    if (!safeMethods.has(request.method) || request.isWebSocket) checkOrigin(request);
    if (token !== undefined) checkToken(request, token);
  };
}

/** Browsers send `Origin` with every unsafe request and every WebSocket: only our own pages may make one (no page can forge it). */
function checkOrigin(request: HttpRequest): void {
  const origin = headerOf(request, 'origin');
  if (origin === undefined) return;
  const host = headerOf(request, 'host');
  if (origin === `http://${host}` || origin === `https://${host}`) return;
  throw new RadonError('ORIGIN_NOT_ALLOWED', { name: origin.slice(0, 100) });
}

function checkToken(request: HttpRequest, token: string): void {
  const found = /^Bearer +(\S+)$/i.exec(headerOf(request, 'authorization') ?? '');
  if (found?.[1] === undefined || !sameText(found[1], token)) throw new RadonError('TOKEN_REQUIRED');
}

/** Takes the same time wherever the texts differ. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Lower case, no port, no final dot; IPv6 in brackets. */
function normalizeHost(host: string): string {
  const bare = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return host.includes('::') && !host.startsWith('[') ? `[${host.toLowerCase()}]` : bare;
}

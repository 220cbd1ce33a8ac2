/** Who sent a request, by its token or its cookie. */
import type { Access, Caller } from '../access/index.ts';
import { RadonError } from '../problem/error.ts';
import { type HttpRequest, headerOf } from './message.ts';

/** Where no token is asked for, whoever reaches the port may do all. */
const anybody: Caller = { right: 'admin' };
export const cookieName = 'radon-session';

/** Throws RadonError TOKEN_REQUIRED or TOKEN_UNKNOWN. */
export function callerOf(request: HttpRequest, access: Access | undefined): Caller {
  if (access === undefined) return anybody;
  const token = bearerToken(request);
  if (token !== undefined) return known(access.callerOf(token));
  const session = sessionId(request);
  const caller = session === undefined ? undefined : access.callerOfSession(session);
  if (caller === undefined) throw new RadonError('TOKEN_REQUIRED');
  return caller;
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw new RadonError('TOKEN_UNKNOWN');
  return found;
}

/** A session for the token of a request. Throws as above. */
export function openSession(request: HttpRequest, access: Access): string {
  const token = bearerToken(request);
  if (token === undefined) throw new RadonError('TOKEN_REQUIRED');
  return known(access.openSession(token));
}

/** RFC 6750 section 2.1. */
function bearerToken(request: HttpRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headerOf(request, 'authorization') ?? '')?.[1];
}

/** The session that a request's cookies name. */
export function sessionId(request: HttpRequest): string | undefined {
  for (const cookie of (headerOf(request, 'cookie') ?? '').split(';')) {
    const [name, id] = cookie.trim().split('=');
    if (name === cookieName) return id;
  }
  return undefined;
}

/** `Set-Cookie` that names a session for so many seconds; 0 takes it away. */
export function sessionCookie(id: string, seconds: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${cookieName}=${id}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}

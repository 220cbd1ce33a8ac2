/** `/session`: who the caller is, and the cookie of a browser in place of its token. */
import { type Access, sessionMs } from '../../access/index.ts';
import { callerOf, openSession, sessionCookie, sessionId } from '../caller.ts';
import { type HttpReply, type HttpRequest, jsonReply } from '../message.ts';
import type { Route } from './route.ts';

export interface SessionRouteOptions {
  /** Left out: no token is asked for, and no cookie is given. */
  readonly access?: Access | undefined;
  /** Whether clients come over TLS: then the cookie goes no other way (default false). */
  readonly isSecure?: boolean;
}

const path = '/session';
const noStore = { 'cache-control': 'no-store' };

export function sessionRoutes({ access, isSecure = false }: SessionRouteOptions): readonly Route[] {
  const cookie = (id: string, seconds: number) =>
    done({ 'set-cookie': sessionCookie(id, seconds, isSecure) });
  return [
    {
      path,
      methods: ['GET'],
      right: 'read',
      summary: 'Name and right of the caller',
      produces: ['application/json'],
      handle: (request) => jsonReply(200, callerOf(request, access), noStore),
    },
    {
      path,
      methods: ['POST'],
      right: 'none',
      summary: 'Gives a browser a cookie for its token',
      handle: (request) =>
        access === undefined ? done() : cookie(openSession(request, access), sessionMs / 1000),
    },
    {
      path,
      methods: ['DELETE'],
      right: 'none',
      summary: 'Ends the session of the cookie',
      handle: (request) => {
        close(request, access);
        return cookie('', 0);
      },
    },
  ];
}

function close(request: HttpRequest, access: Access | undefined): void {
  const id = sessionId(request);
  if (id !== undefined) access?.closeSession(id);
}

function done(headers: Record<string, string> = {}): HttpReply {
  return { status: 204, headers: { ...noStore, ...headers }, body: '' };
}

/** The HTTP face of a bridge: docs/reference/http.md. Who may ask is checked here, what is asked stands in routes/. */
import type { AuditEntry, Caller } from '../access/index.ts';
import { internalError, RadonError } from '../problem/error.ts';
import { createGuard, type GuardOptions, isSafeMethod } from './guard.ts';
import type { HttpReply, HttpRequest } from './message.ts';
import { problemReply } from './problem.ts';
import { allowOf, createRoutes, type Route, type RouteOptions } from './routes/index.ts';
import { parseTarget, type Target } from './target.ts';

export interface HttpHandlerOptions extends GuardOptions, RouteOptions {
  /** Told what the bridge did not expect; the client gets INTERNAL_ERROR. */
  readonly onError?: (error: unknown) => void;
  /** Told of every unsafe request once it is answered. */
  readonly onChange?: (entry: AuditEntry) => void;
}

type Admitted = (caller: Caller | undefined) => void;

/** Never rejects: every failure is a reply. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpReply>;

export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  /** Replies by the first digit of their status. */
  const replies: number[] = [0, 0, 0, 0, 0, 0];
  const routes = createRoutes(options, { ask: handle, replies });
  const guard = createGuard(options);

  /** Who may not ask at all is told that first. */
  function targetOf(request: HttpRequest, admitted: Admitted): Target {
    try {
      return parseTarget(request.target);
    } catch (error) {
      admitted(guard(request, 'read'));
      throw error;
    }
  }

  function answer(request: HttpRequest, admitted: Admitted): Promise<HttpReply> | HttpReply {
    const target = targetOf(request, admitted);
    const { segments } = target;
    const route = routes.find(request.method, segments);
    if (route !== undefined) {
      admitted(guard(request, route.right));
      // What needs no right has no use for a body either.
      if (request.receive === undefined || route.right === 'none') return route.handle(request, target);
      return request.receive().then(() => route.handle(request, target));
    }
    const others = routes.ofPath(segments);
    admitted(guard(request, others.some(({ right }) => right === 'none') ? 'none' : 'read'));
    return withoutRoute(request, others);
  }

  async function handle(request: HttpRequest): Promise<HttpReply> {
    let caller: Caller | undefined;
    let reply: HttpReply;
    try {
      const answered = answer(request, (found) => {
        caller = found;
      });
      reply = answered instanceof Promise ? await answered : answered;
    } catch (error) {
      // Who has gone is told nothing, and that is no fault.
      reply = failureReply(error, request.signal.aborted ? undefined : options.onError);
    }
    if (!isSafeMethod(request.method)) options.onChange?.(entryOf(request, caller, reply));
    const digit = Math.floor(reply.status / 100);
    replies[digit] = (replies[digit] ?? 0) + 1;
    return reply;
  }

  return handle;
}

/** OPTIONS, another method than the rows of the path have, or no such path. */
function withoutRoute(request: HttpRequest, others: readonly Route[]): HttpReply {
  const name = request.target.slice(0, 200);
  if (others.length === 0) throw new RadonError('NOT_FOUND', { name });
  const allow = allowOf(others);
  if (request.method === 'OPTIONS') return { status: 204, headers: { allow }, body: '' };
  return problemReply(new RadonError('METHOD_NOT_ALLOWED', { name, method: request.method }), { allow });
}

/** Queries stay out: a token that somebody put there must not be found in a log. */
function entryOf(request: HttpRequest, caller: Caller | undefined, { status }: HttpReply): AuditEntry {
  const { method, client = '' } = request;
  const [path = ''] = request.target.split('?', 1);
  return { ...(caller?.name !== undefined && { who: caller.name }), client, method, path, status };
}

/** RFC 6750 section 3. */
const challenges: ReadonlyMap<string, string> = new Map([
  ['TOKEN_REQUIRED', 'Bearer'],
  ['TOKEN_UNKNOWN', 'Bearer error="invalid_token"'],
  ['RIGHT_MISSING', 'Bearer error="insufficient_scope"'],
]);

function failureReply(error: unknown, onError: HttpHandlerOptions['onError']): HttpReply {
  if (error instanceof RadonError) {
    if (error.code === 'RATE_LIMITED') return problemReply(error, { 'retry-after': '1' });
    const challenge = challenges.get(error.code);
    return problemReply(error, challenge === undefined ? {} : { 'www-authenticate': challenge });
  }
  onError?.(error);
  return problemReply(internalError(error));
}

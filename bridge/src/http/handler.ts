/** The HTTP face of a bridge: docs/reference/http.md. Who may ask is checked here, what is asked stands in routes/. */
import type { AuditEntry, Caller } from '../access/index.ts';
import { internalError, RadonError } from '../problem/error.ts';
import { createGuard, type GuardOptions, isSafeMethod } from './guard.ts';
import type { HttpReply, HttpRequest } from './message.ts';
import { createPlaces, Place } from './places.ts';
import { problemReply } from './problem.ts';
import { allowOf, createRoutes, type Right, type Route, type RouteOptions } from './routes/index.ts';
import { parseTarget, type Target } from './target.ts';

export interface HttpHandlerOptions extends GuardOptions, RouteOptions {
  /** Told what the bridge did not expect; the client gets INTERNAL_ERROR. */
  readonly onError?: (error: unknown) => void;
  /** Told of every unsafe request once it is answered. */
  readonly onChange?: (entry: AuditEntry) => void;
}

/** Never rejects and never throws: every failure is a reply. What needs nobody else is answered at once. */
export type HttpHandler = (request: HttpRequest) => HttpReply | Promise<HttpReply>;

/** A request, and who made it as soon as that is known. */
interface Asking {
  readonly request: HttpRequest;
  caller: Caller | undefined;
}

export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  /** Replies by the first digit of their status. */
  const replies: number[] = [0, 0, 0, 0, 0, 0];
  const routes = createRoutes(options, { ask: handle, replies });
  const guard = createGuard(options);
  const places = createPlaces();

  /** Who may not ask at all is told that first. */
  function targetOf(asking: Asking): Target {
    try {
      return parseTarget(asking.request.target);
    } catch (error) {
      admit(asking, 'read');
      throw error;
    }
  }

  function admit(asking: Asking, right: Right): void {
    asking.caller = guard(asking.request, right);
  }

  function answer(asking: Asking): Promise<HttpReply> | HttpReply {
    const { request } = asking;
    const isRead = request.method === 'GET' && request.receive === undefined;
    const known = isRead ? places.get(request.target) : undefined;
    if (known !== undefined) {
      admit(asking, known.route.right);
      return known.answer(request);
    }
    if (request.method === 'OPTIONS' && request.target === '*') return serverOptions(asking);
    const target = targetOf(asking);
    const route = routes.find(request.method, target.segments);
    if (route === undefined) return withoutRoute(asking, target);
    admit(asking, route.right);
    if (isRead) places.add(request.target, new Place(target, route));
    // What needs no right has no use for a body either.
    if (request.receive === undefined || route.right === 'none') return route.handle(request, target);
    return request.receive().then(() => route.handle(request, target));
  }

  /** RFC 9110 section 9.3.7: what some resource or other takes. */
  function serverOptions(asking: Asking): HttpReply {
    admit(asking, 'none');
    return { status: 204, headers: { allow: allowOf(routes.routes) }, body: '' };
  }

  function withoutRoute(asking: Asking, { segments }: Target): HttpReply {
    const others = routes.ofPath(segments);
    admit(asking, others.some(({ right }) => right === 'none') ? 'none' : 'read');
    return otherReply(asking.request, others);
  }

  function replied({ request, caller }: Asking, reply: HttpReply): HttpReply {
    if (!isSafeMethod(request.method)) options.onChange?.(entryOf(request, caller, reply));
    const digit = Math.floor(reply.status / 100);
    replies[digit] = (replies[digit] ?? 0) + 1;
    return reply;
  }

  function failed(asking: Asking, error: unknown): HttpReply {
    // Who has gone is told nothing, and that is no fault.
    const isGone = !(error instanceof RadonError) && asking.request.signal.aborted;
    return replied(asking, failureReply(error, isGone ? undefined : options.onError));
  }

  function handle(request: HttpRequest): Promise<HttpReply> | HttpReply {
    const asking: Asking = { request, caller: undefined };
    let answered: Promise<HttpReply> | HttpReply;
    try {
      answered = answer(asking);
    } catch (error) {
      return failed(asking, error);
    }
    if (!(answered instanceof Promise)) return replied(asking, answered);
    return answered.then(
      (reply) => replied(asking, reply),
      (error: unknown) => failed(asking, error),
    );
  }

  return handle;
}

/** OPTIONS, another method than the rows of the path have, or no such path. */
function otherReply(request: HttpRequest, others: readonly Route[]): HttpReply {
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

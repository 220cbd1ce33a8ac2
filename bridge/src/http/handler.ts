/** The HTTP face of a bridge: docs/reference/http.md. Who may ask is checked here, what is asked stands in routes/. */
import { RadonError } from '../problem/error.ts';
import { createGuard, type GuardOptions } from './guard.ts';
import type { HttpReply, HttpRequest } from './message.ts';
import { problemReply } from './problem.ts';
import { allowOf, createRoutes, type Route, type RouteOptions } from './routes/index.ts';
import { parseTarget } from './target.ts';

export interface HttpHandlerOptions extends GuardOptions, RouteOptions {
  /** Told what the bridge did not expect; the client gets INTERNAL_ERROR. */
  readonly onError?: (error: unknown) => void;
}

/** Never rejects: every failure is a reply. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpReply>;

export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const routes = createRoutes(options, handle);
  const guard = createGuard(options);

  function answer(request: HttpRequest): Promise<HttpReply> | HttpReply {
    const target = parseTarget(request.target);
    const { segments } = target;
    const route = routes.find(request.method, segments);
    if (route !== undefined) {
      guard(request, route.right);
      return route.handle(request, target);
    }
    const others = routes.ofPath(segments);
    guard(request, others[0]?.right ?? 'read');
    return withoutRoute(request, others);
  }

  async function handle(request: HttpRequest): Promise<HttpReply> {
    try {
      return await answer(request);
    } catch (error) {
      // Who has gone is told nothing, and that is no fault.
      return failureReply(error, request.signal.aborted ? undefined : options.onError);
    }
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

/** RFC 6750 section 3. */
const challenges: ReadonlyMap<string, string> = new Map([
  ['TOKEN_REQUIRED', 'Bearer'],
  ['TOKEN_UNKNOWN', 'Bearer error="invalid_token"'],
  ['RIGHT_MISSING', 'Bearer error="insufficient_scope"'],
]);

function failureReply(error: unknown, onError: HttpHandlerOptions['onError']): HttpReply {
  if (error instanceof RadonError) {
    const challenge = challenges.get(error.code);
    return problemReply(error, challenge === undefined ? {} : { 'www-authenticate': challenge });
  }
  onError?.(error);
  return problemReply(
    new RadonError('INTERNAL_ERROR', { detail: error instanceof Error ? error.name : 'unexpected value' }),
  );
}

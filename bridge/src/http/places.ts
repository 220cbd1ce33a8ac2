/** Where GETs lead that come again and again: found once, and what is kept there is answered at once. */
import { type HttpReply, type HttpRequest, headerOf } from './message.ts';
import type { Repeat, Route } from './routes/route.ts';
import type { Target } from './target.ts';

/** The target of a GET and the row of the route table for it. */
export class Place {
  readonly target: Target;
  readonly route: Route;
  #repeat: Repeat | undefined;

  constructor(target: Target, route: Route) {
    this.target = target;
    this.route = route;
  }

  /** The reply to who may ask. */
  answer(request: HttpRequest): Promise<HttpReply> | HttpReply {
    const isPlain = isPlainRead(request);
    const repeated = isPlain ? this.#repeat?.() : undefined;
    if (repeated !== undefined) return repeated;
    const reply = this.route.handle(request, this.target);
    if (isPlain && !(reply instanceof Promise)) this.#repeat = this.route.repeat?.(this.target);
    return reply;
  }
}

/** Nothing in its head asks for anything but what is there. */
function isPlainRead(request: HttpRequest): boolean {
  if (request.isWebSocket === true || (headerOf(request, 'accept') ?? '*/*') !== '*/*') return false;
  return headerOf(request, 'if-none-match') === undefined && headerOf(request, 'cache-control') === undefined;
}

export interface Places {
  get(target: string): Place | undefined;
  add(target: string, place: Place): void;
}

const mostPlaces = 1_024;
const longestTarget = 256;

/** The newest so many. Targets with a query are often all different: they are left out. */
export function createPlaces(): Places {
  const places = new Map<string, Place>();
  return {
    get: (target) => places.get(target),
    add(target, place) {
      if (target.length > longestTarget || target.includes('?')) return;
      places.set(target, place);
      const [oldest] = places.size > mostPlaces ? places.keys() : [];
      if (oldest !== undefined) places.delete(oldest);
    },
  };
}

/** Finds the row of the route table for a request. */
import type { Route } from './route.ts';

export interface RouteTable {
  readonly routes: readonly Route[];
  /** The first row for this method and path. */
  find(method: string, segments: readonly string[]): Route | undefined;
  /** Every row for this path, whatever its methods. */
  ofPath(segments: readonly string[]): readonly Route[];
}

interface Pattern {
  readonly route: Route;
  /** Undefined for a parameter. */
  readonly segments: readonly (string | undefined)[];
  /** Whether the last segment stands for all that follow. */
  readonly isOpen: boolean;
}

const noPatterns: readonly Pattern[] = [];

/** Rows by their first segment, which is a literal, in their order. */
class Rows {
  readonly #byFirst = new Map<string, Pattern[]>();

  add(pattern: Pattern): void {
    const first = pattern.segments[0] ?? '';
    this.#byFirst.set(first, [...(this.#byFirst.get(first) ?? []), pattern]);
  }

  of(segments: readonly string[]): readonly Pattern[] {
    return this.#byFirst.get(segments[0] ?? '') ?? noPatterns;
  }
}

export function createRouteTable(routes: readonly Route[]): RouteTable {
  const all = new Rows();
  const byMethod = new Map<string, Rows>();
  for (const route of routes) {
    const pattern = patternOf(route);
    all.add(pattern);
    for (const method of methodsOf(route)) {
      const rows = byMethod.get(method) ?? new Rows();
      byMethod.set(method, rows);
      rows.add(pattern);
    }
  }

  return {
    routes,
    find(method, segments) {
      for (const pattern of byMethod.get(method)?.of(segments) ?? noPatterns)
        if (fits(pattern, segments)) return pattern.route;
      return undefined;
    },
    ofPath(segments) {
      const patterns = all.of(segments).filter((pattern) => fits(pattern, segments));
      return patterns.map(({ route }) => route);
    },
  };
}

/** HEAD comes with GET. */
function methodsOf({ methods }: Route): readonly string[] {
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

/** Value of `Allow`: what the rows of a path take. */
export function allowOf(routes: readonly Route[]): string {
  return [...new Set([...routes.flatMap(methodsOf), 'OPTIONS'])].join(', ');
}

function patternOf(route: Route): Pattern {
  const parts = route.path === '/' ? [] : route.path.slice(1).split('/');
  const segments = parts.map((part) => (part.startsWith('{') ? undefined : part));
  return {
    route,
    segments,
    isOpen: parts.at(-1)?.endsWith('...}') ?? false,
  };
}

function fits({ segments: wanted, isOpen }: Pattern, segments: readonly string[]): boolean {
  const isLong = segments.length > wanted.length;
  if (segments.length < wanted.length || (isLong && !isOpen)) return false;
  const closed = isOpen ? wanted.length - 1 : wanted.length;
  for (let index = 0; index < closed; index += 1) {
    const segment = segments[index];
    if (segment === '' || (wanted[index] ?? segment) !== segment) return false;
  }
  return true;
}

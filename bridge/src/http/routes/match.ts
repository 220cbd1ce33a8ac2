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
  readonly methods: ReadonlySet<string>;
  /** Undefined for a parameter. */
  readonly segments: readonly (string | undefined)[];
  /** Whether the last segment stands for all that follow. */
  readonly isOpen: boolean;
}

const noPatterns: readonly Pattern[] = [];

/** Paths begin with a literal segment: rows are looked up by it and tried in their order. */
export function createRouteTable(routes: readonly Route[]): RouteTable {
  const byFirst = new Map<string, Pattern[]>();
  for (const route of routes) {
    const pattern = patternOf(route);
    const first = pattern.segments[0] ?? '';
    byFirst.set(first, [...(byFirst.get(first) ?? []), pattern]);
  }
  const candidates = (segments: readonly string[]) => byFirst.get(segments[0] ?? '') ?? noPatterns;

  return {
    routes,
    find(method, segments) {
      for (const pattern of candidates(segments)) {
        if (pattern.methods.has(method) && fits(pattern, segments)) return pattern.route;
      }
      return undefined;
    },
    ofPath(segments) {
      const patterns = candidates(segments).filter((pattern) => fits(pattern, segments));
      return patterns.map(({ route }) => route);
    },
  };
}

/** Value of `Allow`: what the rows of a path take. */
export function allowOf(routes: readonly Route[]): string {
  const methods = routes.flatMap(({ methods }) => methods);
  const withHead = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set([...withHead, 'OPTIONS'])].join(', ');
}

function patternOf(route: Route): Pattern {
  const parts = route.path === '/' ? [] : route.path.slice(1).split('/');
  const segments = parts.map((part) => (part.startsWith('{') ? undefined : part));
  const methods: readonly string[] = route.methods;
  return {
    route,
    methods: new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods),
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

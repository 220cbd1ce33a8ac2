/** `/openapi.json`: the route table and the resources that nodes tell of, as OpenAPI 3.1. Pure. */
import type { CoreLink } from '../../coap/link-format.ts';
import { cookieName } from '../caller.ts';
import { createRouteTable, type RouteTable } from '../routes/match.ts';
import type { HttpMethod, Route } from '../routes/route.ts';
import { operationOf } from './operations.ts';
import { nodeResourceOf, resourcesBeside } from './resources.ts';
import { type Json, schemas } from './schemas.ts';

/** docs/reference/http.md#tokens. */
const securitySchemes: Json = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token of `radon tokens create`' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: cookieName,
    description: 'The cookie that POST /session gives for a token',
  },
};

type PathItems = Map<string, Record<string, Json>>;

/** `links` are those of `/.well-known/core`: of nodes below `/nodes/{node}`. */
export function describeRoutes(routes: readonly Route[], links: readonly CoreLink[]): Json {
  const items: PathItems = new Map();
  for (const route of routes) addRoute(items, route);
  const table = createRouteTable(routes);
  for (const link of links)
    for (const one of [link, ...resourcesBeside(link)]) addResource(items, table, one);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Radon bridge',
      version: '1',
      description:
        'Nodes, atoms and readings as resources. Every path answers OPTIONS; where GET is, HEAD is, too. `x-methods` are methods that OpenAPI 3.1 has no name for.',
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(items),
    components: {
      schemas,
      responses: {
        Problem: {
          description: 'RFC 9457',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      securitySchemes,
    },
  };
}

const anyBody = { types: [] };

/** Of two rows for a method of a path the first counts, as it does for requests. */
function addRoute(items: PathItems, route: Route): void {
  const path = route.path.replace('...}', '}');
  const item = itemOf(items, path);
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const { right, summary, query = [], produces = [], schema } = route;
  const tag = tagOf(path);
  for (const method of route.methods) {
    const facts = { method, right, tag, summary, parameters, query, produces, schema, body: anyBody };
    addOperation(item, method, () => operationOf(facts));
  }
}

function addOperation(item: Record<string, Json>, method: HttpMethod, operation: () => Json): void {
  if (method === 'QUERY') item['x-methods'] = ['QUERY'];
  else item[method.toLowerCase()] ??= operation();
}

/** A resource of a node: each method with the right and the query of the row that serves it. */
function addResource(items: PathItems, table: RouteTable, link: CoreLink): void {
  const resource = nodeResourceOf(link);
  if (resource === undefined) return;
  const { path, types, summary, produces } = resource;
  const item = itemOf(items, path);
  if (types.length > 0) item['x-rt'] = types;
  const tag = tagOf(path);
  for (const method of resource.methods) {
    const row = table.find(method, path.slice(1).split('/'));
    if (row === undefined) continue;
    const { right, query = [] } = row;
    const facts = { method, right, tag, summary, query, produces, body: resource.bodyOf(method) } as const;
    addOperation(item, method, () => operationOf({ ...facts, parameters: [], schema: undefined }));
  }
}

function itemOf(items: PathItems, path: string): Record<string, Json> {
  const item = items.get(path) ?? {};
  items.set(path, item);
  return item;
}

/** `nodes` for the rows of the table, the node for its resources. */
function tagOf(path: string): string {
  const [, first = '', second] = path.split('/');
  const isNode = first === 'nodes' && second !== undefined && !second.startsWith('{');
  if (isNode) return second;
  return first === '' ? 'bridge' : first;
}

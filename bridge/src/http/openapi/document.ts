/** `/openapi.json`: the route table and the resources that nodes tell of, as OpenAPI 3.1. Pure. */
import { mediaTypeOf } from '../../coap/formats.ts';
import type { CoreLink } from '../../coap/link-format.ts';
import { contentFormat } from '../../tables/index.ts';
import { allowedMethods } from '../allow.ts';
import { createRouteTable, type RouteTable } from '../routes/match.ts';
import type { HttpMethod, Route } from '../routes/route.ts';
import { operationOf } from './operations.ts';
import { type Json, schemas } from './schemas.ts';

type PathItems = Map<string, Record<string, Json>>;

/** `links` are those of `/.well-known/core`: of nodes below `/nodes/{node}`. */
export function describeRoutes(routes: readonly Route[], links: readonly CoreLink[]): Json {
  const items: PathItems = new Map();
  for (const route of routes) addRoute(items, route);
  const table = createRouteTable(routes);
  for (const link of links) addResource(items, table, link);
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
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

/** Of two rows for a method of a path the first counts, as it does for requests. */
function addRoute(items: PathItems, route: Route): void {
  const path = route.path.replace('...}', '}');
  const item = itemOf(items, path);
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const { right, summary, query = [], produces = [], schema } = route;
  const tag = tagOf(path);
  for (const method of route.methods) {
    const facts = { method, right, tag, summary, parameters, query, produces, schema };
    addOperation(item, method, () => operationOf(facts));
  }
}

function addOperation(item: Record<string, Json>, method: HttpMethod, operation: () => Json): void {
  if (method === 'QUERY') item['x-methods'] = ['QUERY'];
  else item[method.toLowerCase()] ??= operation();
}

/** A resource of a node: its methods where they are known, else GET; each with the right and the query of the row that serves it. */
function addResource(items: PathItems, table: RouteTable, { href, attributes }: CoreLink): void {
  const path = pathOf(href);
  if (path === undefined) return;
  const item = itemOf(items, path);
  const { rt, obs, title } = attributes;
  const summary = [title, rt].find((text) => typeof text === 'string' && text !== '') ?? path;
  if (typeof rt === 'string') item['x-rt'] = rt.split(' ');
  const produces = producedBy(attributes.ct, obs !== undefined);
  const tag = tagOf(path);
  for (const method of methodsOf(path)) {
    const row = table.find(method, path.slice(1).split('/'));
    if (row === undefined) continue;
    const { right, query = [] } = row;
    const facts = { method, right, tag, parameters: [], query, produces, schema: undefined } as const;
    addOperation(item, method, () => operationOf({ ...facts, summary: String(summary) }));
  }
}

function itemOf(items: PathItems, path: string): Record<string, Json> {
  const item = items.get(path) ?? {};
  items.set(path, item);
  return item;
}

/** Undefined for what is no path of a node's resource; a brace of a node's making is no parameter. */
function pathOf(href: string): string | undefined {
  const isPath = /^\/nodes\/[^/?#]+\/[^?#]+$/.test(href);
  return isPath ? href.replaceAll('{', '%7B').replaceAll('}', '%7D') : undefined;
}

function methodsOf(path: string): readonly HttpMethod[] {
  const allow = allowedMethods(path.split('/').slice(3)) ?? 'GET';
  return allow.split(', ').filter((method): method is HttpMethod => method !== 'HEAD');
}

const jsonOf: ReadonlyMap<number, number> = new Map<number, number>([
  [contentFormat.CBOR, contentFormat.JSON],
  [contentFormat.SENML_CBOR, contentFormat.SENML_JSON],
]);

/** Media types of `ct` and the JSON that the bridge makes of CBOR; events where it can be observed. */
function producedBy(ct: string | true | undefined, isObservable: boolean): readonly string[] {
  const numbers = typeof ct === 'string' ? ct.split(' ').filter((text) => /^\d{1,5}$/.test(text)) : [];
  const formats = numbers.map(Number);
  const withJson = formats.flatMap((format) => [
    format,
    ...[jsonOf.get(format)].filter((made) => made !== undefined),
  ]);
  const types = [...new Set(withJson)].map(mediaTypeOf);
  return isObservable && types.length > 0 ? [...types, 'text/event-stream'] : types;
}

/** `nodes` for the rows of the table, the node for its resources. */
function tagOf(path: string): string {
  const [, first = '', second] = path.split('/');
  const isNode = first === 'nodes' && second !== undefined && !second.startsWith('{');
  if (isNode) return second;
  return first === '' ? 'bridge' : first;
}

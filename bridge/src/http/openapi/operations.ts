/** Operations of a path: what it takes and answers. */
import type { HttpMethod, QueryArgument, Right } from '../routes/route.ts';
import type { Body } from './resources.ts';
import { type Json, type SchemaName, schemaOf } from './schemas.ts';

export interface OperationFacts {
  readonly method: HttpMethod;
  readonly right: Right;
  readonly tag: string;
  readonly summary: string;
  /** Names of the path's parameters. */
  readonly parameters: readonly string[];
  readonly query: readonly QueryArgument[];
  /** Media types of the answer to a safe request. */
  readonly produces: readonly string[];
  readonly schema: SchemaName | undefined;
  /** What a method with a body takes. */
  readonly body: Body;
}

const anything = '*/*';
const problem = { $ref: '#/components/responses/Problem' };

export function operationOf(facts: OperationFacts): Json {
  const { method, right, tag, summary, parameters, query } = facts;
  return {
    summary,
    tags: [tag],
    security: right === 'none' ? [] : [{ bearer: [] }, { session: [] }],
    'x-right': right,
    ...((parameters.length > 0 || query.length > 0) && {
      parameters: [...parameters.map(pathParameter), ...query.map(queryParameter)],
    }),
    ...(takesBody(method) && { requestBody: { content: contentOf(facts.body) } }),
    responses: { ...responsesOf(facts), default: problem },
  };
}

function takesBody(method: HttpMethod): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

function responsesOf({ method, produces, schema }: OperationFacts): { readonly [status: string]: Json } {
  if (method !== 'GET') return { '2XX': { description: 'Done', content: { [anything]: {} } } };
  return { 200: { description: 'What is there', content: contentOf({ types: produces, schema }) } };
}

function contentOf({ types, schema }: Body): Json {
  const named = types.length > 0 ? types : [anything];
  return Object.fromEntries(named.map((type) => [type, mediaOf(type, schema)]));
}

function mediaOf(type: string, schema: SchemaName | undefined): Json {
  if (type === 'application/senml+json') return { schema: schemaOf('SenmlPack') };
  return type === 'application/json' && schema !== undefined ? { schema: schemaOf(schema) } : {};
}

function pathParameter(name: string): Json {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

function queryParameter({ name, summary }: QueryArgument): Json {
  return { name, in: 'query', description: summary, schema: { type: 'string' } };
}

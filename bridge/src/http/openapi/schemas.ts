/** What bodies of the bridge look like, as JSON schemas (dialect of OpenAPI 3.1). */
import { errorTable } from '../../tables/index.ts';

/** A JSON schema, or any other part of the document. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const text = { type: 'string' };
const milliseconds = { type: 'integer', description: 'UTC in milliseconds' };

const nodeState = {
  type: 'object',
  required: ['name', 'kind', 'link', 'address', 'since'],
  properties: {
    name: text,
    kind: text,
    link: { type: 'string', enum: ['up', 'lost'] },
    address: { type: 'string', description: 'Where the node is, for people' },
    since: { ...milliseconds, description: 'Since when `link` holds, UTC in milliseconds' },
    lastSeen: milliseconds,
    lastError: text,
    owner: text,
    tags: { type: 'array', items: text },
    coap: { type: 'string', description: 'CoAP URI of the port opened for this node' },
  },
};

const senmlRecord = {
  type: 'object',
  properties: {
    bn: text,
    bt: { type: 'number' },
    bu: text,
    bv: { type: 'number' },
    n: text,
    u: text,
    v: { type: 'number' },
    vs: text,
    vb: { type: 'boolean' },
    vd: { type: 'string', contentEncoding: 'base64url' },
    s: { type: 'number' },
    t: { type: 'number' },
  },
};

const problem = {
  type: 'object',
  required: ['type', 'status', 'title', 'detail'],
  properties: {
    type: text,
    status: { type: 'integer' },
    title: {
      description: 'A row of the error table, or a CoAP response code',
      anyOf: [{ type: 'string', enum: Object.keys(errorTable) }, text],
    },
    detail: text,
    remedy: text,
    details: { type: 'object' },
  },
};

const command = {
  type: 'object',
  required: ['command'],
  properties: {
    command: {
      type: 'string',
      description: 'A node: restart. An atom: the others, too',
      enum: ['start', 'stop', 'restart', 'freeze', 'thaw'],
    },
  },
};

const lease = {
  type: 'object',
  required: ['name', 'id', 'ttlS'],
  properties: {
    name: { type: 'string', description: 'Of the bridge, for people' },
    id: text,
    ttlS: { type: 'integer', minimum: 0, maximum: 3600, description: 'Seconds; 0 gives it up' },
  },
};

export const schemas = {
  Command: command,
  Lease: lease,
  NodeState: nodeState,
  NodeStates: { type: 'array', items: { $ref: '#/components/schemas/NodeState' } },
  Links: {
    type: 'array',
    items: {
      type: 'object',
      required: ['href'],
      properties: { href: text, rt: text, ct: text, title: text },
    },
  },
  SenmlPack: { type: 'array', description: 'RFC 8428', items: senmlRecord },
  Problem: problem,
} as const satisfies Record<string, Json>;

export type SchemaName = keyof typeof schemas;

export function schemaOf(name: SchemaName): Json {
  return { $ref: `#/components/schemas/${name}` };
}

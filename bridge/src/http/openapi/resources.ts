/** Resources of nodes as their links tell of them: methods, and what goes in and comes out. */
import { mediaTypeOf } from '../../coap/formats.ts';
import type { CoreLink } from '../../coap/link-format.ts';
import { contentFormat } from '../../tables/index.ts';
import { allowedMethods } from '../allow.ts';
import { readMethods, writeMethods } from '../node-request.ts';
import type { HttpMethod } from '../routes/route.ts';
import type { SchemaName } from './schemas.ts';

export interface NodeResource {
  /** Below `/nodes/{node}`, with braces encoded: they are no parameters. */
  readonly path: string;
  readonly methods: readonly HttpMethod[];
  readonly summary: string;
  /** Resource types. */
  readonly types: readonly string[];
  /** Media types of the answer to GET; empty: unknown. */
  readonly produces: readonly string[];
  /** Body of a method: its media types (empty: unknown) and what JSON in it looks like. */
  readonly bodyOf: (method: HttpMethod) => Body;
}

export interface Body {
  readonly types: readonly string[];
  readonly schema?: SchemaName | undefined;
}

/** Undefined for a link to what is no resource of a node. */
export function nodeResourceOf({ href, attributes }: CoreLink): NodeResource | undefined {
  if (!/^\/nodes\/[^/?#]+\/[^?#]+$/.test(href)) return undefined;
  const path = href.replaceAll('{', '%7B').replaceAll('}', '%7D');
  const { rt, ct, obs, title } = attributes;
  const formats = formatsIn(ct);
  const segments = path.split('/').slice(3);
  const summary = [title, rt].find((text) => typeof text === 'string' && text !== '') ?? path;
  return {
    path,
    methods: methodsOf(segments, attributes.if),
    summary: String(summary),
    types: typeof rt === 'string' ? rt.split(' ') : [],
    produces: producedBy(formats, obs !== undefined),
    bodyOf: (method) => bodyOf(segments, method, formats),
  };
}

/** What an atom has beside the resources it declares: its inbox and its memory. */
export function resourcesBeside({ href }: CoreLink): readonly CoreLink[] {
  const [, node, name] = /^(\/nodes\/[^/]+)\/atoms\/([^/?#]+)$/.exec(href) ?? [];
  if (node === undefined || name === undefined) return [];
  return [
    { href: `${node}/m/${name}`, attributes: { title: `Sends a message to ${decoded(name)}` } },
    { href: `${href}/snapshot`, attributes: { title: `Memory of ${decoded(name)}`, ct: '60' } },
  ];
}

/** Interfaces of draft-ietf-core-interfaces by the names in `if`. */
const interfaces: ReadonlyMap<string, readonly HttpMethod[]> = new Map([
  ['core.ll', ['GET']],
  ['core.b', ['GET', 'PUT', 'POST']],
  ['core.lb', ['GET', 'PUT', 'POST', 'DELETE']],
  ['core.s', ['GET']],
  ['core.p', ['GET', 'PUT']],
  ['core.rp', ['GET']],
  ['core.a', ['GET', 'PUT', 'POST']],
]);

/** Those of the node's own resources, else of the interface; without either any: an atom is given whatever is asked. */
function methodsOf(segments: readonly string[], given: string | true | undefined): readonly HttpMethod[] {
  const own = allowedMethods(segments);
  if (own !== undefined) return own.split(', ').filter((method): method is HttpMethod => method !== 'HEAD');
  const named =
    typeof given === 'string' ? given.split(' ').flatMap((name) => interfaces.get(name) ?? []) : [];
  return named.length > 0 ? [...new Set(named)] : [...readMethods, ...writeMethods];
}

function formatsIn(ct: string | true | undefined): readonly number[] {
  const numbers = typeof ct === 'string' ? ct.split(' ').filter((text) => /^\d{1,5}$/.test(text)) : [];
  return numbers.map(Number);
}

const jsonOf: ReadonlyMap<number, number> = new Map<number, number>([
  [contentFormat.CBOR, contentFormat.JSON],
  [contentFormat.SENML_CBOR, contentFormat.SENML_JSON],
]);

/** Media types, and the JSON that the bridge makes of CBOR; events where it can be observed. */
function producedBy(formats: readonly number[], isObservable: boolean): readonly string[] {
  const withJson = formats.flatMap((format) => [format, jsonOf.get(format) ?? format]);
  const types = [...new Set(withJson)].map(mediaTypeOf);
  return isObservable && types.length > 0 ? [...types, 'text/event-stream'] : types;
}

const { CBOR, COSE_SIGN1, OCTET_STREAM, SENML_CBOR, SENML_JSON, TEXT } = contentFormat;
const document = [contentFormat.JSON, CBOR].map(mediaTypeOf);
const command: Body = { types: document, schema: 'Command' };

/** Of the node's own resources (docs/reference/wire.md), by first segment and number of segments. */
const ownBodies: Readonly<Partial<Record<string, Body>>> = {
  'node 1 POST': command,
  'atoms 2 POST': command,
  'atoms 2 PUT': { types: [mediaTypeOf(COSE_SIGN1)] },
  'atoms 3 PUT': { types: [mediaTypeOf(CBOR)] },
  'images 2 PUT': { types: [mediaTypeOf(OCTET_STREAM)] },
  'io 2 PUT': { types: [TEXT, SENML_JSON, SENML_CBOR].map(mediaTypeOf) },
  'time 1 PUT': { types: [mediaTypeOf(TEXT)] },
  'lease 1 PUT': { types: document, schema: 'Lease' },
};

/** What an atom declares to answer with is what it is likely to take. */
function bodyOf(segments: readonly string[], method: HttpMethod, formats: readonly number[]): Body {
  const [first = ''] = segments;
  const own = ownBodies[`${first} ${segments.length} ${method}`];
  return own ?? { types: first === 'a' ? formats.map(mediaTypeOf) : [] };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

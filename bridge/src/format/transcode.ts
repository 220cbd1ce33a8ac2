/** CBOR of nodes as JSON and back (RFC 8075 section 6.4): people and browsers read JSON, boards write CBOR. */
import {
  decodeFields,
  decodeForeignCbor,
  encodeFields,
  encodeForeignCbor,
  type FieldValue,
  stringifyFields,
} from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';
import type { NodeResponse } from '../registry/node.ts';
import { decodeSenmlCbor, encodeSenmlCbor, parseSenml, stringifySenml } from '../senml/index.ts';
import { contentFormat } from '../tables/index.ts';

export interface Content {
  readonly format: number | undefined;
  readonly payload: Uint8Array | string;
}

/** Whose a resource is. */
export interface ResourceOwner {
  /** Segments on the node or server. */
  readonly path: readonly string[];
  /** Whether it is a node of ours. */
  readonly isNode: boolean;
}

const { JSON: json, CBOR: cbor, SENML_JSON: senmlJson, SENML_CBOR: senmlCbor } = contentFormat;

const standIns: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [json, [cbor, senmlJson, senmlCbor]],
  [senmlJson, [senmlCbor]],
  [cbor, [json, senmlCbor, senmlJson]],
  [senmlCbor, [senmlJson]],
]);

/** Formats that may stand in for one a node cannot write, best first: they are made into it here, and SenML is JSON or CBOR too. */
export function standInsFor(format: number): readonly number[] {
  return standIns.get(format) ?? [];
}

/** Whether a client that names these formats gets the body as the node sent it, else as CBOR or JSON made of it. */
export function conversionOf(
  format: number | undefined,
  wanted: readonly number[],
): 'none' | 'to CBOR' | 'to JSON' {
  if (format === undefined || wanted.includes(format)) return 'none';
  if (format === cbor || format === senmlCbor) return 'to JSON';
  const isJson = format === json || format === senmlJson;
  const isStandIn = wanted.some((one) => standInsFor(one).includes(format));
  return isJson && isStandIn && !wanted.includes(json) ? 'to CBOR' : 'none';
}

/** Whether documents have our field names: those of a node itself; atoms and servers of other make name theirs. */
export function hasOurFields({ path, isNode }: ResourceOwner): boolean {
  return isNode && path[0] !== 'a' && path[0] !== 'm';
}

/** CBOR as JSON text (`hasOurs`: with our field names), anything else unchanged; RadonError BAD_ANSWER when it is no CBOR. */
export function toJson(response: NodeResponse, hasOurs: boolean, node: string): Content {
  return converted(node, () => jsonOf(response, hasOurs));
}

/** JSON as CBOR, anything else unchanged; RadonError BAD_ANSWER when it is no JSON. */
export function toCbor(response: NodeResponse, hasOurs: boolean, node: string): Content {
  return converted(node, () => cborOf(response.payload, response.contentFormat, hasOurs));
}

function converted(node: string, convert: () => Content): Content {
  try {
    return convert();
  } catch (cause) {
    const detail = cause instanceof RadonError ? String(cause.details.detail) : 'it cannot be converted';
    throw new RadonError('BAD_ANSWER', { name: node, detail }, { cause });
  }
}

function jsonOf({ contentFormat: format, payload }: NodeResponse, hasOurs: boolean): Content {
  if (payload.length === 0) return { format, payload };
  if (format === senmlCbor) return { format: senmlJson, payload: stringifySenml(decodeSenmlCbor(payload)) };
  if (format !== cbor) return { format, payload };
  const document = hasOurs ? decodeFields(payload) : decodeForeignCbor(payload);
  return { format: json, payload: stringifyFields(document) };
}

interface BinaryContent extends Content {
  readonly payload: Uint8Array;
}

function cborOf(payload: Uint8Array, format: number | undefined, hasOurs: boolean): BinaryContent {
  if (payload.length === 0) return { format, payload };
  if (format === senmlJson)
    return { format: senmlCbor, payload: encodeSenmlCbor(parseSenml(textOf(payload))) };
  if (format !== json) return { format, payload };
  const document = parseJson(payload);
  return { format: cbor, payload: hasOurs ? encodeFields(document) : encodeForeignCbor(document) };
}

/** JSON for a resource of the node itself as CBOR, anything else unchanged; RadonError BAD_CONTENT. */
export function fromJson(payload: Uint8Array, format: number | undefined, hasOurs: boolean): BinaryContent {
  return hasOurs ? cborOf(payload, format, hasOurs) : { format, payload };
}

function parseJson(payload: Uint8Array): FieldValue {
  try {
    return JSON.parse(textOf(payload)) as FieldValue;
  } catch (cause) {
    throw new RadonError('BAD_CONTENT', { detail: 'it is no JSON' }, { cause });
  }
}

function textOf(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch (cause) {
    throw new RadonError('BAD_CONTENT', { detail: 'it is no UTF-8' }, { cause });
  }
}

/** CBOR of nodes as JSON and back (RFC 8075 section 6.4): people and browsers read JSON, boards write CBOR. */
import {
  decodeFields,
  decodeForeignCbor,
  encodeFields,
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

const standIns: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [contentFormat.JSON, [contentFormat.CBOR, contentFormat.SENML_JSON, contentFormat.SENML_CBOR]],
  [contentFormat.SENML_JSON, [contentFormat.SENML_CBOR]],
]);

/** Formats that may stand in for one a node cannot write, best first: CBOR becomes JSON here, and SenML JSON is JSON. */
export function standInsFor(format: number): readonly number[] {
  return standIns.get(format) ?? [];
}

/** Whether a path belongs to the node itself, so that its documents have our field names. */
function isSystemPath(path: readonly string[]): boolean {
  return path[0] !== 'a' && path[0] !== 'm';
}

/** CBOR as JSON text, anything else unchanged; RadonError BAD_ANSWER when it is no CBOR. */
export function toJson(response: NodeResponse, path: readonly string[], node: string): Content {
  const { contentFormat: format, payload } = response;
  if (payload.length === 0) return { format, payload };
  try {
    if (format === contentFormat.SENML_CBOR) {
      return { format: contentFormat.SENML_JSON, payload: stringifySenml(decodeSenmlCbor(payload)) };
    }
    if (format !== contentFormat.CBOR) return { format, payload };
    const document = isSystemPath(path) ? decodeFields(payload) : decodeForeignCbor(payload);
    return { format: contentFormat.JSON, payload: stringifyFields(document) };
  } catch (cause) {
    const detail = cause instanceof RadonError ? String(cause.details.detail) : 'no CBOR';
    throw new RadonError('BAD_ANSWER', { name: node, detail }, { cause });
  }
}

/** JSON for a resource of the node itself as CBOR, anything else unchanged; RadonError BAD_CONTENT. */
export function fromJson(
  payload: Uint8Array,
  format: number | undefined,
  path: readonly string[],
): {
  readonly format: number | undefined;
  readonly payload: Uint8Array;
} {
  if (!isSystemPath(path) || payload.length === 0) return { format, payload };
  if (format === contentFormat.JSON) {
    return { format: contentFormat.CBOR, payload: encodeFields(parseJson(payload)) };
  }
  if (format === contentFormat.SENML_JSON) {
    return { format: contentFormat.SENML_CBOR, payload: encodeSenmlCbor(parseSenml(textOf(payload))) };
  }
  return { format, payload };
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

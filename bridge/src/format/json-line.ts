import type { NodeResponse } from '../registry/node.ts';
import { contentFormat } from '../tables/index.ts';
import { type Content, toJson } from './transcode.ts';

/** A representation is told to many listeners: it is converted once. */
const lines = new WeakMap<NodeResponse, string>();

/**
 * A representation as one line: JSON as it is, text as a JSON string, other formats (and CBOR that is none) as
 * `{ct, base64}`. JSON of an atom may be none.
 */
export function jsonLine(response: NodeResponse, hasOurs: boolean, node: string): string {
  const line = lines.get(response) ?? lineOf(response, hasOurs, node);
  lines.set(response, line);
  return line;
}

function lineOf(response: NodeResponse, hasOurs: boolean, node: string): string {
  const { format, payload } = readable(response, hasOurs, node);
  if (typeof payload === 'string') return payload;
  const isJson = format === contentFormat.JSON || format === contentFormat.SENML_JSON;
  if (isJson) return new TextDecoder().decode(payload).replace(/[\r\n]+/g, ' ');
  const isText = format === undefined || format === contentFormat.TEXT;
  if (isText) return JSON.stringify(new TextDecoder().decode(payload));
  return JSON.stringify({ ct: format, base64: Buffer.from(payload).toString('base64') });
}

/** A bad value must not end a stream: better ones may follow. */
function readable(response: NodeResponse, hasOurs: boolean, node: string): Content {
  try {
    return toJson(response, hasOurs, node);
  } catch {
    return { format: response.contentFormat, payload: response.payload };
  }
}

/** What the bridge says of itself and its nodes. */
import { code, formatCode } from '../coap/codes.ts';
import { type CoreLink, formatLinks } from '../coap/link-format.ts';
import type { CoapReply, CoapRequest } from '../coap/types.ts';
import { encodeFields, type FieldValue, stringifyFields } from '../fields/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeState } from '../registry/node.ts';
import { contentFormat, method } from '../tables/index.ts';

/** CBOR, or JSON where that is wanted. */
export function documentReply(request: CoapRequest, value: FieldValue): CoapReply {
  const format = documentFormatOf(request);
  const isCbor = format === contentFormat.CBOR;
  const payload = isCbor ? encodeFields(value) : new TextEncoder().encode(stringifyFields(value));
  return { code: code.content, payload, contentFormat: format, maxAge: 0 };
}

/** CBOR (default) or JSON; RadonError NOT_ACCEPTABLE where another format is wanted. */
export function documentFormatOf({ accept = contentFormat.CBOR, path: name }: CoapRequest): number {
  if (accept === contentFormat.CBOR || accept === contentFormat.JSON) return accept;
  throw new RadonError('NOT_ACCEPTABLE', { name });
}

export function linksReply(links: readonly CoreLink[]): CoapReply {
  return {
    code: code.content,
    payload: new TextEncoder().encode(formatLinks(links)),
    contentFormat: contentFormat.LINK_FORMAT,
    maxAge: 0,
  };
}

export function checkLinksWanted(request: CoapRequest): void {
  const isWanted = request.accept === undefined || request.accept === contentFormat.LINK_FORMAT;
  if (!isWanted) throw new RadonError('NOT_ACCEPTABLE', { name: request.path });
}

export function stateFields(state: NodeState): FieldValue {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as FieldValue;
}

export function checkRead(request: CoapRequest): void {
  if (request.code !== method.GET)
    throw new RadonError('METHOD_NOT_ALLOWED', { name: request.path, method: formatCode(request.code) });
}

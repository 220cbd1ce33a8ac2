/** What the bridge says of itself and its nodes. */
import { code, formatCode } from '../coap/codes.ts';
import { type CoreLink, formatLinks } from '../coap/link-format.ts';
import type { CoapReply, CoapRequest } from '../coap/types.ts';
import { encodeFields, type FieldValue, stringifyFields } from '../fields/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodePort } from '../registry/node.ts';
import { contentFormat, method } from '../tables/index.ts';

/** CBOR, or JSON where that is wanted. */
export function documentReply(request: CoapRequest, value: FieldValue): CoapReply {
  const accept = request.accept ?? contentFormat.CBOR;
  if (accept === contentFormat.CBOR) {
    return { code: code.content, payload: encodeFields(value), contentFormat: contentFormat.CBOR, maxAge: 0 };
  }
  if (accept !== contentFormat.JSON) throw new RadonError('NOT_ACCEPTABLE', { name: request.path });
  const payload = new TextEncoder().encode(stringifyFields(value));
  return { code: code.content, payload, contentFormat: contentFormat.JSON, maxAge: 0 };
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

export function stateFields(node: NodePort): FieldValue {
  return Object.fromEntries(
    Object.entries(node.state()).filter(([, value]) => value !== undefined),
  ) as FieldValue;
}

export function checkRead(request: CoapRequest): void {
  if (request.code !== method.GET)
    throw new RadonError('METHOD_NOT_ALLOWED', { name: request.path, method: formatCode(request.code) });
}

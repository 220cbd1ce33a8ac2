/** Between the terms of a NodePort and those of the CoAP client. */
import { option } from '../coap/options.ts';
import type { ClientRequest, CoapOption, CoapResponse, RequestOptions } from '../coap/types.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';

export function clientRequestOf(request: NodeRequest): ClientRequest {
  const { method, path, query, payload, accept, contentFormat, etags, ifMatch, ifNoneMatch } = request;
  const options = request.hopLimit === undefined ? undefined : [hopLimitOf(request.hopLimit)];
  return { method, path, query, payload, accept, contentFormat, etags, ifMatch, ifNoneMatch, options };
}

/** RFC 8768: one byte, also for 0. */
function hopLimitOf(hops: number): CoapOption {
  return { number: option.hopLimit, value: Uint8Array.of(Math.min(hops, 255)) };
}

/** How the exchange goes: ends with the signal, tells of parts where the request asks for them. */
export function requestOptionsOf({ onPart }: NodeRequest, signal: AbortSignal | undefined): RequestOptions {
  return { signal, onBlock: onPart && ((block, offset) => onPart(nodeResponseOf(block), offset)) };
}

export function nodeResponseOf({
  code,
  payload,
  contentFormat,
  maxAge,
  etag,
  message,
}: CoapResponse): NodeResponse {
  const response = { code, payload, contentFormat, maxAge, etag };
  return code === created ? { ...response, ...locationOf(message) } : response;
}

const created = 0x41;

/** Only a 2.01 has a location (RFC 7252 5.10.7). */
function locationOf(message: CoapResponse['message']): Pick<NodeResponse, 'location' | 'locationQuery'> {
  const location = message.stringsOf(option.locationPath);
  const locationQuery = message.stringsOf(option.locationQuery);
  return {
    ...(location.length > 0 && { location }),
    ...(locationQuery.length > 0 && { locationQuery }),
  };
}

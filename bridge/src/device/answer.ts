/** Between the terms of a NodePort and those of the CoAP client. */
import { option } from '../coap/options.ts';
import type { ClientRequest, CoapOption, CoapResponse, RequestOptions } from '../coap/types.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';

export function clientRequestOf(request: NodeRequest): ClientRequest {
  return {
    method: request.method,
    path: request.path,
    query: request.query,
    payload: request.payload,
    ...(request.accept !== undefined && { accept: request.accept }),
    ...(request.contentFormat !== undefined && { contentFormat: request.contentFormat }),
    ...(request.etags !== undefined && { etags: request.etags }),
    ...(request.ifMatch !== undefined && { ifMatch: request.ifMatch }),
    ...(request.ifNoneMatch && { ifNoneMatch: true }),
    ...(request.hopLimit !== undefined && { options: [hopLimitOf(request.hopLimit)] }),
  };
}

/** RFC 8768: one byte, also for 0. */
function hopLimitOf(hops: number): CoapOption {
  return { number: option.hopLimit, value: Uint8Array.of(Math.min(hops, 255)) };
}

/** How the exchange goes: ends with the signal, tells of parts where the request asks for them. */
export function requestOptionsOf({ onPart }: NodeRequest, signal: AbortSignal | undefined): RequestOptions {
  return {
    ...(signal !== undefined && { signal }),
    ...(onPart && { onBlock: (block, offset) => onPart(nodeResponseOf(block), offset) }),
  };
}

export function nodeResponseOf(response: CoapResponse): NodeResponse {
  return {
    code: response.code,
    payload: response.payload,
    contentFormat: response.contentFormat,
    maxAge: response.maxAge,
    etag: response.etag,
    ...locationOf(response),
  };
}

const created = 0x41;

/** Only a 2.01 has a location (RFC 7252 5.10.7). */
function locationOf({ code, message }: CoapResponse): Pick<NodeResponse, 'location' | 'locationQuery'> {
  if (code !== created) return {};
  const location = message.stringsOf(option.locationPath);
  const locationQuery = message.stringsOf(option.locationQuery);
  return {
    ...(location.length > 0 && { location }),
    ...(locationQuery.length > 0 && { locationQuery }),
  };
}

/** Between the terms of a NodePort and those of a CoAP server. */
import { option } from '../coap/options.ts';
import type { CoapOption, CoapReply, CoapRequest } from '../coap/types.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, Observation, ObservationListener } from '../registry/node.ts';

/** A request as it came, but for `part` and what the caller says otherwise. */
export function nodeRequestOf(
  request: CoapRequest,
  path: readonly string[],
  query: readonly string[] = request.query,
  hopLimit: number | undefined = request.uintOf(option.hopLimit),
): NodeRequest {
  return {
    method: request.code,
    path,
    query,
    payload: request.body,
    contentFormat: request.contentFormat,
    accept: request.accept,
    etags: manyOf(request, option.etag),
    ifMatch: manyOf(request, option.ifMatch),
    ifNoneMatch: request.bytesOf(option.ifNoneMatch) !== undefined,
    hopLimit,
  };
}

function manyOf(request: CoapRequest, number: number): readonly Uint8Array[] | undefined {
  const values = request.allBytesOf(number);
  return values.length > 0 ? values : undefined;
}

const noOptions: readonly CoapOption[] = [];

/** `base` stands in front of a location, which is relative to the node that answered. */
export function coapReplyOf(
  response: NodeResponse,
  base: readonly string[],
  further: readonly CoapOption[] = noOptions,
): CoapReply {
  const { code, payload, contentFormat, etag, maxAge, age = 0 } = response;
  return {
    code,
    payload,
    contentFormat,
    etag,
    maxAge: maxAge && Math.max(0, maxAge - age),
    options: response.location === undefined ? further : [...locationOf(response, base), ...further],
  };
}

function locationOf(
  { location = [], locationQuery = [] }: NodeResponse,
  base: readonly string[],
): readonly CoapOption[] {
  if (location.length === 0) return [];
  const encoder = new TextEncoder();
  const optionsOf = (number: number, texts: readonly string[]) =>
    texts.map((text) => ({ number, value: encoder.encode(text) }));
  return [
    ...optionsOf(option.locationPath, [...base, ...location]),
    ...optionsOf(option.locationQuery, locationQuery),
  ];
}

/** An observation as the reply to its registration. */
export interface Observed {
  readonly open: (listener: ObservationListener) => Observation;
  readonly replyOf: (response: NodeResponse) => CoapReply;
  /** Path of the resource, for errors. */
  readonly name: string;
  /** What a loss before the first representation is answered with; later ones are silence. */
  readonly lost: RadonError;
}

/** Resolves with the first representation; later ones go to who subscribed. Rejects with `lost`. */
export function observedReply({ open, replyOf, name, lost }: Observed): Promise<CoapReply> {
  return new Promise((resolve, reject) => {
    let first: CoapReply | undefined;
    let latest: CoapReply | undefined;
    let changed: ((reply: CoapReply) => void) | undefined;
    const subscribe: CoapReply['subscribe'] = (tell) => {
      changed = tell;
      if (latest !== first) tell(latest);
      return () => observation.close();
    };
    const observation = open({
      next(response) {
        latest = replyOf(response);
        changed?.(latest);
        if (first !== undefined) return;
        first = latest;
        resolve({ ...first, subscribe });
        // The server subscribes as soon as it has the answer, or not at all.
        setImmediate(() => changed ?? observation.close());
      },
      lost() {
        if (first !== undefined) return;
        observation.close();
        reject(lost);
      },
      back() {},
      end(response) {
        if (first === undefined) resolve(replyOf(response));
        else changed?.(endOf(response));
      },
    });

    /** Only an error ends the observation for a client (RFC 7641 section 4.2). */
    function endOf(response: NodeResponse): CoapReply {
      if (response.code >> 5 > 2) return replyOf(response);
      return problemReply(new RadonError('NOT_OBSERVABLE', { name }));
    }
  });
}

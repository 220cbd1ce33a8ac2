/** Messages as a hop passes them on: every option but those that concern one hop only. */
import { option } from './options.ts';
import type { ClientRequest, CoapOption, CoapReply, CoapRequest, CoapResponse } from './types.ts';

/** Addresses, observation and suppression are dealt with on each side of the hop. */
const perHop: ReadonlySet<number> = new Set([
  option.uriHost,
  option.uriPort,
  option.observe,
  option.noResponse,
]);

export function passedRequest(request: CoapRequest): ClientRequest {
  return {
    method: request.code,
    path: [],
    options: passedOptions(request.options),
    payload: request.payload,
  };
}

export function passedReply(response: CoapResponse): CoapReply {
  const { message } = response;
  return { code: message.code, options: passedOptions(message.options), payload: message.payload };
}

function passedOptions(options: readonly CoapOption[]): CoapOption[] {
  return options.filter(({ number }) => !perHop.has(number));
}

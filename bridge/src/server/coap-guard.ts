/** What the CoAP face has around it: a limit for each address, and a line in the audit log for each change. */
import type { AuditEntry, RateLimit } from '../access/index.ts';
import { formatCode, isSafe } from '../coap/codes.ts';
import type { CoapHandler, CoapReply, CoapRequest } from '../coap/types.ts';
import { problemReply, RadonError } from '../problem/index.ts';

export interface CoapGuardOptions {
  /** Left out on loopback. */
  readonly rateLimit?: RateLimit | undefined;
  /** Told of every unsafe request once it is answered. */
  readonly onChange: (entry: AuditEntry) => void;
}

export function guardCoap(handler: CoapHandler, { rateLimit, onChange }: CoapGuardOptions): CoapHandler {
  function served(request: CoapRequest): CoapReply | Promise<CoapReply> {
    const told = (reply: CoapReply) => {
      onChange(entryOf(request, reply));
      return reply;
    };
    const reply = handler(request);
    return reply instanceof Promise ? reply.then(told) : told(reply);
  }

  return (request) => {
    if (rateLimit !== undefined && !rateLimit.take(request.from.address))
      return problemReply(new RadonError('RATE_LIMITED', { limit: rateLimit.perSecond }));
    return isSafe(request.code) ? handler(request) : served(request);
  };
}

function entryOf({ from, code, path }: CoapRequest, reply: CoapReply): AuditEntry {
  return { client: from.address, method: formatCode(code), path, status: formatCode(reply.code) };
}

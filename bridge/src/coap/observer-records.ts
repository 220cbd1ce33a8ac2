/** Observers of a server between processes. */
import type { Endpoint, Link } from '../link/link.ts';
import { ParsedMessage, parseMessage, parseOutcome } from './codec.ts';
import { isSafe } from './codes.ts';
import { IncomingRequest } from './incoming.ts';
import type { ServerObserver } from './server-observers.ts';
import type { ObserverRecord } from './types.ts';

export function recordOf({ request, sequence }: ServerObserver): ObserverRecord {
  const { address, port } = request.from;
  return { address, port, message: request.bytes, sequence };
}

const register = 0;

/** The registration as if it had just come; undefined for a record that is none, and for an endpoint the link cannot have. */
export function registrationOf(
  { address, port, message }: ObserverRecord,
  link: Link,
  signal: AbortSignal,
): IncomingRequest | undefined {
  const parsed = new ParsedMessage();
  const isRegistration =
    parseMessage(message, parsed) === parseOutcome.ok &&
    isSafe(parsed.code) &&
    parsed.observe === register &&
    parsed.block1 < 0;
  const from = isRegistration ? endpointOf(link, address, port) : undefined;
  return from && new IncomingRequest(message, from, parsed, -1, signal);
}

function endpointOf(link: Link, address: string, port: number): Endpoint | undefined {
  try {
    return link.remote ?? link.endpoint(address, port);
  } catch {
    return undefined;
  }
}

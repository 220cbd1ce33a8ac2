/**
 * The UDP port of a device: a hop at message layer between any CoAP clients and a link with one endpoint. Deduplication,
 * retransmission and empty ACKs happen on each side, tokens are mapped, and only what is harmless passes.
 */
import { type Clock, systemClock } from '../link/clock.ts';
import type { Link } from '../link/link.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import { contentFormat, method } from '../tables/index.ts';
import { isSafe } from './codes.ts';
import { createCoapContext } from './context.ts';
import { option } from './options.ts';
import { passedReply, passedRequest } from './passed.ts';
import { errorOfExchange } from './problem.ts';
import { SharedObservations } from './shared-observations.ts';
import { TransferTurns } from './transfer-turns.ts';
import type { CoapClient, CoapContext, CoapHandler, CoapReply, CoapRequest } from './types.ts';

export interface HopOptions {
  /** The device's name, for errors. */
  readonly name: string;
  /** Passes everything, also control requests (`--udp-control`). */
  readonly udpControl?: boolean;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** A context that answers on `link` with what `upstream` says. Closing it leaves `upstream` open. */
export function createHop(link: Link, upstream: CoapClient, options: HopOptions): CoapContext {
  const clock = options.clock ?? systemClock;
  return createCoapContext(link, {
    clock,
    passBlocks: true,
    handler: createHopHandler(upstream, options, clock),
  });
}

function createHopHandler(upstream: CoapClient, options: HopOptions, clock: Clock): CoapHandler {
  const observations = new SharedObservations(upstream);
  const turns = new TransferTurns(clock);

  async function pass(request: CoapRequest): Promise<CoapReply> {
    return passedReply(await upstream.request(passedRequest(request), { singleMessage: true }));
  }

  async function serve(request: CoapRequest): Promise<CoapReply> {
    try {
      if (request.observe === 0 && isSafe(request.code))
        return await observations.join(passedRequest(request));
      if (request.uintOf(option.block1) === undefined) return await pass(request);
      return await turns.take(request, () => pass(request));
    } catch (error) {
      return problem(errorOfExchange(error, options.name));
    }
  }

  return (request) =>
    options.udpControl === true || isAllowed(request)
      ? serve(request)
      : problem(new RadonError('FORBIDDEN_HERE'));
}

/** Reads but of snapshots, signed manifests and the payloads they name, what atoms serve and messages from outside. */
function isAllowed(request: CoapRequest): boolean {
  const [first, second, ...rest] = request.pathSegments;
  if (isSafe(request.code)) return first !== 'atoms' || rest[0] !== 'snapshot';
  if (second === undefined) return false;
  if (first === 'a') return true;
  if (first === 'm') return request.contentFormat !== contentFormat.RADON_MESSAGE;
  if (request.code !== method.PUT || rest.length > 0) return false;
  return first === 'images' || (first === 'atoms' && request.contentFormat === contentFormat.COSE_SIGN1);
}

/** What nobody expected is thrown on: the context reports it and answers 5.00. */
function problem(error: unknown): CoapReply {
  if (!(error instanceof RadonError)) throw error;
  return problemReply(error);
}

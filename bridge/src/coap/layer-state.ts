import type { LinkTiming } from '../link/link.ts';
import { ParsedMessage } from './codec.ts';
import { Deduplication } from './deduplication.ts';
import { DeferredRequests } from './deferred-requests.ts';
import type { IncomingRequest } from './incoming.ts';
import type { Outgoing } from './outgoing.ts';
import { Peers } from './peers.ts';
import { TimerWheel } from './timer-wheel.ts';
import { Tokens } from './tokens.ts';
import type { CoapCounters } from './types.ts';

export interface MessageLayerOptions {
  readonly timing: LinkTiming;
  readonly nstart: number;
  /** Unsafe requests remembered at once. */
  readonly dedupCapacity: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Handed to every request. */
  readonly signal: AbortSignal;
}

export interface MessageLayer {
  readonly options: MessageLayerOptions;
  readonly counters: CoapCounters;
  readonly dedup: Deduplication;
  readonly peers: Peers;
  readonly tokens: Tokens;
  readonly timers: TimerWheel<Outgoing | IncomingRequest>;
  readonly deferred: DeferredRequests;
  readonly parsed: ParsedMessage;
}

export function createMessageLayer(options: MessageLayerOptions, now: number): MessageLayer {
  const { timing, nstart, random } = options;
  return {
    options,
    counters: createCounters(),
    dedup: new Deduplication(timing.exchangeLifetimeMs, timing.maxMessage, options.dedupCapacity),
    peers: new Peers(timing.exchangeLifetimeMs, nstart, random),
    tokens: new Tokens(random),
    timers: new TimerWheel(now),
    deferred: new DeferredRequests(),
    parsed: new ParsedMessage(),
  };
}

function createCounters(): CoapCounters {
  return {
    messagesIn: 0,
    messagesOut: 0,
    malformed: 0,
    duplicates: 0,
    retransmissions: 0,
    timeouts: 0,
    resets: 0,
    refused: 0,
    unmatched: 0,
  };
}

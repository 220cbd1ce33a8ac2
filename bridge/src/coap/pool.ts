/** A client over several links to one endpoint: more message IDs than one source port has. */

import { systemClock } from '../link/clock.ts';
import type { Link } from '../link/link.ts';
import { createCoapContext } from './context.ts';
import { CoapError } from './errors.ts';
import type {
  ClientRequest,
  CoapClient,
  CoapContext,
  CoapContextOptions,
  CoapCounters,
  CoapResponse,
  Observation,
  Observer,
  RequestOptions,
} from './types.ts';

/** Message IDs kept back of each link's 65,536: for retried blocks, pings and cancellations under way. */
const usableIds = 60_000;
const defaultMaxLinks = 64;

export interface CoapPoolOptions extends CoapContextOptions {
  /** Most links that are open (default 64). */
  readonly maxLinks?: number;
}

interface Member {
  readonly context: CoapContext;
  readonly exchangeLifetimeMs: number;
  /** Requests since `since`. */
  requests: number;
  /** Messages that were sent before. */
  messagesBefore: number;
  since: number;
}

/** Message IDs, or a few more: requests may still wait in a queue, and a block-wise transfer takes several messages. */
function usedBy({ context, requests, messagesBefore }: Member): number {
  return Math.max(requests, context.counters.messagesOut - messagesBefore);
}

function requestOf(
  member: Member,
  request: ClientRequest,
  options: RequestOptions | undefined,
): Promise<CoapResponse> {
  member.requests += 1;
  return member.context.request(request, options);
}

/**
 * Starts with one link and opens another when the message IDs of those at hand run out within EXCHANGE_LIFETIME, one link
 * being filled before the next. With all of them spent, requests wait in the first that is free again.
 */
export function createCoapPool(
  first: Link,
  open: () => Promise<Link>,
  options: CoapPoolOptions = {},
): CoapClient {
  return new Pool(first, open, options);
}

class Pool implements CoapClient {
  private readonly open: () => Promise<Link>;
  private readonly options: CoapPoolOptions;
  private readonly now: () => number;
  private readonly members: Member[] = [];
  private current = 0;
  private growing: Promise<void> | undefined;
  private nstart: number | undefined;
  private isClosed = false;

  constructor(first: Link, open: () => Promise<Link>, options: CoapPoolOptions) {
    this.open = open;
    this.options = options;
    const clock = options.clock ?? systemClock;
    this.now = () => clock.now();
    this.nstart = options.nstart;
    this.add(first);
  }

  get counters(): Readonly<CoapCounters> {
    const [first, ...others] = this.members.map(({ context }) => context.counters);
    if (first === undefined) throw new CoapError('CLOSED', 'the pool is closed');
    const sum: CoapCounters = { ...first };
    for (const counters of others) {
      for (const name of Object.keys(sum) as (keyof CoapCounters)[]) sum[name] += counters[name];
    }
    return sum;
  }

  request(request: ClientRequest, options?: RequestOptions): Promise<CoapResponse> {
    const member = this.pick();
    if (member === undefined) return this.pickGrown().then((grown) => requestOf(grown, request, options));
    return requestOf(member, request, options);
  }

  observe(request: ClientRequest, observer: Observer, options?: RequestOptions): Observation {
    const member = this.pick() ?? this.leastUsed();
    member.requests += 1;
    return member.context.observe(request, observer, options);
  }

  refreshObservations(): void {
    for (const { context } of this.members) context.refreshObservations();
  }

  ping(options?: RequestOptions): Promise<number> {
    return this.leastUsed().context.ping(options);
  }

  /** Per link: the other side counts endpoints by source port. */
  setNstart(nstart: number): void {
    this.nstart = nstart;
    for (const { context } of this.members) context.setNstart(nstart);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.growing?.catch(() => undefined);
    await Promise.all(this.members.map(({ context }) => context.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Callers that need a link at the same time share the one that is being opened. */
  private grow(): Promise<void> {
    this.growing ??= this.open()
      .then((link) => this.add(link))
      .finally(() => {
        this.growing = undefined;
      });
    return this.growing;
  }

  private add(link: Link): void {
    const nstart = this.nstart ?? link.timing.nstart;
    const context = createCoapContext(link, { ...this.options, nstart });
    this.members.push({
      context,
      exchangeLifetimeMs: link.timing.exchangeLifetimeMs,
      requests: 0,
      messagesBefore: 0,
      since: this.now(),
    });
    this.current = this.members.length - 1;
  }

  private pick(): Member | undefined {
    const current = this.members[this.current];
    if (current !== undefined && usedBy(current) < usableIds) return current;
    const now = this.now();
    const free = this.members.findIndex((member) => now - member.since >= member.exchangeLifetimeMs);
    const found = this.members[free];
    if (found === undefined) return undefined;
    this.current = free;
    found.requests = 0;
    found.messagesBefore = found.context.counters.messagesOut;
    found.since = now;
    return found;
  }

  private async pickGrown(): Promise<Member> {
    if (this.isClosed) throw new CoapError('CLOSED', 'the pool is closed');
    if (this.members.length < (this.options.maxLinks ?? defaultMaxLinks)) await this.grow();
    return this.pick() ?? this.leastUsed();
  }

  private leastUsed(): Member {
    const found = this.members.toSorted((a, b) => usedBy(a) - usedBy(b))[0];
    if (found === undefined) throw new CoapError('CLOSED', 'the pool is closed');
    return found;
  }
}

/** The load engine behind `radon load`: closed-loop clients over any links. */
import { type Clock, systemClock } from '../link/clock.ts';
import { codeClass, formatCode } from './codes.ts';
import { CoapError, type CoapErrorCode } from './errors.ts';
import { LatencyHistogram, type LatencySummary } from './latency-histogram.ts';
import type { ClientRequest, CoapClient } from './types.ts';

export interface LoadOptions {
  /**
   * Makes a client; called once for each. A UDP socket for every one counts as many endpoints; on a link that has only one
   * owner all share a context, whose NSTART then limits them.
   */
  readonly connect: (client: number) => Promise<CoapClient>;
  /** Leaves the clients open at the end. */
  readonly keepOpen?: boolean;
  readonly request: ClientRequest;
  /** Clients that ask at the same time (default 1); each waits for its answer before it asks again. */
  readonly clients?: number;
  /** Requests per client; the default is 1 when there is no duration either. */
  readonly rounds?: number;
  /** Ends after so long, milliseconds, whatever comes first. */
  readonly durationMs?: number;
  /** Requests per second of all clients together; the default is as fast as the answers come. */
  readonly ratePerSecond?: number;
  /** A request without an answer for so long counts as lost (default: when its retransmissions are used up). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called about four times a second, and once at the end. */
  readonly onProgress?: (result: LoadResult) => void;
  readonly clock?: Clock;
}

/** JSON-able. Times in milliseconds. */
export interface LoadResult {
  readonly clients: number;
  readonly elapsedMs: number;
  readonly sent: number;
  /** With a response of any code. */
  readonly answered: number;
  /** Without one. */
  readonly lost: number;
  /** Responses of class 4 and 5. */
  readonly errors: number;
  readonly retransmissions: number;
  readonly perSecond: number;
  /** How many responses of each code, such as `2.05`. */
  readonly codes: Readonly<Record<string, number>>;
  /** How many requests failed of each reason. */
  readonly failures: Readonly<Partial<Record<CoapErrorCode, number>>>;
  readonly latency: LatencySummary;
  /** Requests slower than the bound before, up to this one; bounds double. */
  readonly histogram: readonly { readonly upToMs: number; readonly count: number }[];
}

const progressMs = 250;

/** Runs a load to its end; an abort ends it early with what there is. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const run = new LoadRun(options);
  return run.toEnd();
}

class LoadRun {
  private readonly options: LoadOptions;
  private readonly clock: Clock;
  private readonly count: number;
  private readonly rounds: number;
  private readonly startedAt: number;
  /** One for each client: a signal is not made for hundreds of listeners. */
  private readonly stops: AbortController[] = [];
  private isStopped = false;
  private readonly latency = new LatencyHistogram();
  private readonly codes: Record<string, number> = {};
  private readonly failures: Partial<Record<CoapErrorCode, number>> = {};
  private sent = 0;
  private answered = 0;
  private lost = 0;
  private errors = 0;
  private retransmissions = 0;
  private nextSlotAt: number;

  constructor(options: LoadOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.count = options.clients ?? 1;
    this.rounds = options.rounds ?? (options.durationMs === undefined ? 1 : Number.POSITIVE_INFINITY);
    this.startedAt = this.clock.now();
    this.nextSlotAt = this.startedAt;
  }

  async toEnd(): Promise<LoadResult> {
    const { signal, durationMs, onProgress } = this.options;
    const abort = (): void => this.stop();
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    const cancelEnd =
      durationMs === undefined ? undefined : this.clock.wakeAt(this.startedAt + durationMs, abort);
    const cancelProgress = this.report();
    try {
      await Promise.all(Array.from({ length: this.count }, (_, client) => this.runClient(client)));
    } finally {
      cancelEnd?.();
      cancelProgress();
      signal?.removeEventListener('abort', abort);
    }
    onProgress?.(this.result());
    return this.result();
  }

  private async runClient(index: number): Promise<void> {
    const client = await this.options.connect(index);
    const stop = new AbortController();
    this.stops.push(stop);
    try {
      for (let round = 0; round < this.rounds && !this.isStopped; round += 1) {
        await this.slot(stop.signal);
        if (!this.isStopped) await this.exchange(client, stop.signal);
      }
    } finally {
      if (this.options.keepOpen !== true) await client.close();
    }
  }

  private stop(): void {
    this.isStopped = true;
    for (const stop of this.stops) stop.abort();
  }

  /** Waits for the next place in the rate. */
  private async slot(signal: AbortSignal): Promise<void> {
    const { ratePerSecond } = this.options;
    if (ratePerSecond === undefined) return;
    const at = Math.max(this.nextSlotAt, this.clock.now());
    this.nextSlotAt = at + 1_000 / ratePerSecond;
    await new Promise<void>((resolve) => {
      const cancel = this.clock.wakeAt(at, done);
      function done(): void {
        signal.removeEventListener('abort', done);
        cancel();
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
    });
  }

  private async exchange(client: CoapClient, stop: AbortSignal): Promise<void> {
    const startedAt = this.clock.now();
    const deadline = this.deadline(startedAt, stop);
    this.sent += 1;
    try {
      const response = await client.request(this.options.request, {
        signal: deadline.signal,
        onRetransmit: () => {
          this.retransmissions += 1;
        },
      });
      this.latency.add(this.clock.now() - startedAt);
      this.answered += 1;
      if (codeClass(response.code) !== 2) this.errors += 1;
      const code = formatCode(response.code);
      this.codes[code] = (this.codes[code] ?? 0) + 1;
    } catch (error) {
      this.fail(error);
    } finally {
      deadline.cancel();
    }
  }

  /** Fires at the end of the run, or when this request has taken too long. */
  private deadline(startedAt: number, stop: AbortSignal): { readonly signal: AbortSignal; cancel(): void } {
    const { timeoutMs } = this.options;
    if (timeoutMs === undefined) return { signal: stop, cancel: () => undefined };
    const own = new AbortController();
    const cancelTimer = this.clock.wakeAt(startedAt + timeoutMs, () => own.abort());
    return { signal: AbortSignal.any([stop, own.signal]), cancel: cancelTimer };
  }

  /** What was under way when the run ended is neither answered nor lost. */
  private fail(error: unknown): void {
    if (!(error instanceof CoapError)) throw error;
    if (error.code === 'ABORTED' && this.isStopped) {
      this.sent -= 1;
      return;
    }
    const reason = error.code === 'ABORTED' ? 'TIMEOUT' : error.code;
    this.lost += 1;
    this.failures[reason] = (this.failures[reason] ?? 0) + 1;
  }

  private report(): () => void {
    const { onProgress } = this.options;
    if (onProgress === undefined) return () => undefined;
    let cancel = (): void => undefined;
    const again = (): void => {
      cancel = this.clock.wakeAt(this.clock.now() + progressMs, () => {
        onProgress(this.result());
        again();
      });
    };
    again();
    return () => cancel();
  }

  private result(): LoadResult {
    const elapsedMs = this.clock.now() - this.startedAt;
    return {
      clients: this.count,
      elapsedMs,
      sent: this.sent,
      answered: this.answered,
      lost: this.lost,
      errors: this.errors,
      retransmissions: this.retransmissions,
      perSecond: elapsedMs > 0 ? (this.answered * 1_000) / elapsedMs : 0,
      codes: { ...this.codes },
      failures: { ...this.failures },
      latency: this.latency.summary(),
      histogram: this.latency.buckets(),
    };
  }
}

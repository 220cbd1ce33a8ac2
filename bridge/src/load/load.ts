/** The engine of `radon load`: clients that make requests in a closed or an open loop, and what became of them. */
import { type Clock, systemClock } from '../link/clock.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadOutcome, LoadProgress, LoadResult } from './result.ts';
import { ClosedLoop, OpenLoop, type Schedule } from './schedule.ts';
import { TimeSeries } from './time-series.ts';

/** Makes one request at a time. */
export interface LoadClient {
  /** Resolves with what became of a request; what it throws ends the run. */
  request(signal: AbortSignal): Promise<LoadOutcome>;
  close(): Promise<void>;
}

export interface LoadSettings {
  /** Concurrent clients; with a rate, the most requests under way (default 1). */
  readonly clients?: number;
  /** Closed loop: requests per client; the default is 1 when there is no duration either. */
  readonly rounds?: number;
  /** Ends after so long, milliseconds. What is under way then is still waited for. */
  readonly durationMs?: number;
  /** Open loop: requests per second of all clients together, until the duration is over. */
  readonly ratePerSecond?: number;
  /** A request without an answer for so long counts as lost (default: when its client gives up). */
  readonly timeoutMs?: number;
  /** Ends the run early; what is under way then is unfinished. */
  readonly signal?: AbortSignal;
  /** Called about four times a second, and once at the end. */
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly clock?: Clock;
}

export interface LoadRunSettings extends LoadSettings {
  /** Makes a client; called once for each, before the first request. */
  readonly connect: (client: number) => Promise<LoadClient>;
}

export interface LoadEnd {
  readonly result: LoadResult;
  /** What a client threw; the result is what there was until then. */
  readonly cause?: unknown;
}

const progressMs = 250;
/** Open loop: what was due may be sent for so long after the end. */
const latestSendingMs = 1_000;
/** What fails at once would otherwise be asked again and again before any timer has its turn. */
const afterFailureMs = 1;

/** Runs a load to its end. Throws what `connect` throws. */
export async function generateLoad(settings: LoadRunSettings): Promise<LoadEnd> {
  const opened = await Promise.allSettled(
    Array.from({ length: settings.clients ?? 1 }, (_, client) => settings.connect(client)),
  );
  const clients = opened.flatMap((client) => (client.status === 'fulfilled' ? [client.value] : []));
  try {
    const refused = opened.find((client) => client.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
    return await new LoadRun(settings, clients).toEnd();
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** A client and what it has under way. */
interface Asker {
  readonly client: LoadClient;
  /** When its request was sent; undefined between two. */
  sentAt: number | undefined;
  /** Replaced once it fired: a signal is not made for thousands of requests. */
  patience: AbortController;
}

class LoadRun {
  private readonly settings: LoadRunSettings;
  private readonly clock: Clock;
  private readonly askers: readonly Asker[];
  private readonly schedule: Schedule;
  private readonly startedAt: number;
  private readonly latency = new LatencyHistogram();
  /** Open loop: from the sending, where the other one counts from when a request was due. */
  private readonly fromSending = new LatencyHistogram();
  private readonly series = new TimeSeries();
  private readonly codes: Record<string, number> = {};
  private readonly failures: Record<string, number> = {};
  private readonly cancels = new Set<() => void>();
  private isOver = false;
  private isAborted = false;
  private cause: unknown;
  private sent = 0;
  private answered = 0;
  private lost = 0;
  private errors = 0;
  private retransmissions = 0;
  private bytes = 0;
  /** When the last request was sent or answered, or the sending was over. */
  private activeUntil: number;

  constructor(settings: LoadRunSettings, clients: readonly LoadClient[]) {
    this.settings = settings;
    this.clock = settings.clock ?? systemClock;
    this.askers = clients.map((client) => ({ client, sentAt: undefined, patience: new AbortController() }));
    this.schedule = createSchedule(settings, this.clock);
    this.startedAt = this.clock.now();
    this.activeUntil = this.startedAt;
  }

  async toEnd(): Promise<LoadEnd> {
    const { signal, durationMs, timeoutMs, onProgress } = this.settings;
    const abort = (): void => this.abort();
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    if (durationMs !== undefined) this.after(durationMs, () => this.end());
    if (timeoutMs !== undefined) this.after(timeoutMs, () => this.loseOverdue(timeoutMs));
    if (onProgress !== undefined) this.after(progressMs, () => this.tell(onProgress));
    try {
      await Promise.all(this.askers.map((asker, client) => this.ask(asker, client)));
    } finally {
      for (const cancel of this.cancels) cancel();
      signal?.removeEventListener('abort', abort);
    }
    onProgress?.(this.progress());
    return { result: this.result(), ...(this.cause !== undefined && { cause: this.cause }) };
  }

  private after(ms: number, act: () => void): void {
    const cancel = this.clock.wakeAt(this.clock.now() + ms, () => {
      this.cancels.delete(cancel);
      act();
    });
    this.cancels.add(cancel);
  }

  private tell(onProgress: (progress: LoadProgress) => void): void {
    onProgress(this.progress());
    this.after(progressMs, () => this.tell(onProgress));
  }

  /** The time is over; what is under way goes on, and what was due has a moment more. */
  private end(): void {
    this.schedule.end();
    this.isOver = true;
    this.activeUntil = this.clock.now();
    this.after(latestSendingMs, () => this.schedule.stop());
  }

  private abort(): void {
    this.schedule.stop();
    this.isAborted = true;
    if (!this.isOver) this.activeUntil = this.clock.now();
    for (const { patience } of this.askers) patience.abort();
  }

  /** One timer for all: looks at every client when the first of them may be overdue. */
  private loseOverdue(timeoutMs: number): void {
    const now = this.clock.now();
    let earliest = now;
    for (const asker of this.askers) {
      const { sentAt } = asker;
      if (sentAt === undefined) continue;
      if (sentAt + timeoutMs > now) earliest = Math.min(earliest, sentAt);
      else asker.patience.abort();
    }
    this.after(earliest + timeoutMs - now, () => this.loseOverdue(timeoutMs));
  }

  private async ask(asker: Asker, client: number): Promise<void> {
    for (;;) {
      const due = await this.schedule.next(client);
      if (due === undefined || this.isAborted) return;
      const isAnswered = await this.exchange(asker, due);
      if (!isAnswered) await new Promise<void>((resolve) => this.after(afterFailureMs, resolve));
    }
  }

  /** Whether there was an answer. */
  private async exchange(asker: Asker, due: number): Promise<boolean> {
    const sentAt = this.clock.now();
    asker.sentAt = sentAt;
    this.sent += 1;
    this.activeUntil = Math.max(this.activeUntil, sentAt);
    try {
      return this.record(await asker.client.request(asker.patience.signal), due, sentAt);
    } catch (cause) {
      this.cause ??= cause;
      this.abort();
      return false;
    } finally {
      asker.sentAt = undefined;
      if (asker.patience.signal.aborted) asker.patience = new AbortController();
    }
  }

  private record(outcome: LoadOutcome, due: number, sentAt: number): boolean {
    const now = this.clock.now();
    this.retransmissions += outcome.retransmissions;
    if (outcome.code === undefined) {
      if (outcome.failure !== undefined || !this.isAborted)
        this.recordLoss(outcome.failure ?? 'TIMEOUT', now);
      return false;
    }
    this.activeUntil = Math.max(this.activeUntil, now);
    this.answered += 1;
    this.bytes += outcome.bytes;
    if (outcome.isError) this.errors += 1;
    this.codes[outcome.code] = (this.codes[outcome.code] ?? 0) + 1;
    this.latency.add(now - due);
    if (this.schedule instanceof OpenLoop) this.fromSending.add(now - sentAt);
    this.series.answered(now - this.startedAt, now - due, outcome.isError);
    return true;
  }

  private recordLoss(reason: string, now: number): void {
    this.lost += 1;
    this.failures[reason] = (this.failures[reason] ?? 0) + 1;
    this.series.lost(now - this.startedAt);
  }

  private progress(): LoadProgress {
    const elapsedMs = this.clock.now() - this.startedAt;
    return this.totals(elapsedMs);
  }

  private totals(elapsedMs: number): LoadProgress {
    return {
      elapsedMs,
      sent: this.sent,
      answered: this.answered,
      lost: this.lost,
      errors: this.errors,
      retransmissions: this.retransmissions,
      perSecond: elapsedMs > 0 ? (this.answered * 1_000) / elapsedMs : 0,
      latency: this.latency.summary(),
    };
  }

  private result(): LoadResult {
    const elapsedMs = this.activeUntil - this.startedAt;
    const openLoop = this.openLoop();
    return {
      clients: this.askers.length,
      ...this.totals(elapsedMs),
      unfinished: this.sent - this.answered - this.lost,
      bytes: this.bytes,
      codes: { ...this.codes },
      failures: { ...this.failures },
      histogram: this.latency.buckets(),
      series: this.series.series(elapsedMs),
      ...(openLoop !== undefined && { openLoop }),
    };
  }

  private openLoop(): LoadResult['openLoop'] {
    const { schedule } = this;
    if (!(schedule instanceof OpenLoop)) return undefined;
    const { due, late, lateForClients, latestMs, unsent } = schedule;
    const ratePerSecond = this.settings.ratePerSecond ?? 0;
    const fromSending = this.fromSending.summary();
    return { ratePerSecond, due, late, lateForClients, latestMs, unsent, fromSending };
  }
}

function createSchedule(settings: LoadSettings, clock: Clock): Schedule {
  const { clients = 1, rounds, durationMs, ratePerSecond } = settings;
  if (ratePerSecond !== undefined)
    return new OpenLoop(clock, ratePerSecond, durationMs ?? Number.POSITIVE_INFINITY);
  return new ClosedLoop(clock, clients, rounds ?? (durationMs === undefined ? 1 : Number.POSITIVE_INFINITY));
}

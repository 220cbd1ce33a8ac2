import { LatencyHistogram } from './latency-histogram.ts';

/** What came to an end within one interval. Times in milliseconds; the percentiles are absent where nothing was answered. */
export interface SeriesPoint {
  /** Begin of the interval, since the start. */
  readonly atMs: number;
  /** Answers. */
  readonly perSecond: number;
  readonly answered: number;
  readonly errors: number;
  readonly lost: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  readonly max?: number;
}

export interface Series {
  readonly intervalMs: number;
  readonly points: readonly SeriesPoint[];
}

const firstIntervalMs = 50;
const intervalLimit = 256;

class Interval {
  answered = 0;
  errors = 0;
  lost = 0;
  /** Made with the first answer. */
  latency: LatencyHistogram | undefined;

  merge(other: Interval): void {
    this.answered += other.answered;
    this.errors += other.errors;
    this.lost += other.lost;
    if (other.latency === undefined) return;
    this.latency ??= new LatencyHistogram();
    this.latency.merge(other.latency);
  }
}

/** A run over time in bounded memory (4 MiB): when the intervals are used up, each two become one twice as long. */
export class TimeSeries {
  private intervalMs = firstIntervalMs;
  private intervals: Interval[] = [];

  answered(atMs: number, latencyMs: number, isError: boolean): void {
    const interval = this.at(atMs);
    interval.answered += 1;
    if (isError) interval.errors += 1;
    interval.latency ??= new LatencyHistogram();
    interval.latency.add(latencyMs);
  }

  lost(atMs: number): void {
    this.at(atMs).lost += 1;
  }

  /** Up to `endMs`. The last interval is as long as it lasted; less than half of one belongs to the one before. */
  series(endMs: number): Series {
    const { intervalMs } = this;
    const intervals = this.withLastJoined(endMs);
    const points = intervals.map((interval, index): SeriesPoint => {
      const { answered, errors, lost, latency } = interval;
      const atMs = index * intervalMs;
      const isLast = index === intervals.length - 1;
      const lastedMs = isLast ? Math.max(endMs - atMs, 1) : intervalMs;
      const counts = { atMs, perSecond: (answered * 1_000) / lastedMs, answered, errors, lost };
      if (latency === undefined) return counts;
      const { p50, p90, p99, max } = latency.summary();
      return { ...counts, p50, p90, p99, max };
    });
    return { intervalMs, points };
  }

  private withLastJoined(endMs: number): readonly Interval[] {
    const [before, last] = this.intervals.slice(-2);
    const lastedMs = endMs - (this.intervals.length - 1) * this.intervalMs;
    if (before === undefined || last === undefined || lastedMs >= this.intervalMs / 2) return this.intervals;
    const joined = new Interval();
    joined.merge(before);
    joined.merge(last);
    return [...this.intervals.slice(0, -2), joined];
  }

  private at(atMs: number): Interval {
    while (atMs >= this.intervalMs * intervalLimit) this.fold();
    const index = Math.floor(atMs / this.intervalMs);
    while (this.intervals.length < index) this.intervals.push(new Interval());
    const interval = this.intervals[index] ?? new Interval();
    this.intervals[index] = interval;
    return interval;
  }

  private fold(): void {
    const folded: Interval[] = [];
    this.intervals.forEach((interval, index) => {
      if (index % 2 === 0) folded.push(interval);
      else folded.at(-1)?.merge(interval);
    });
    this.intervals = folded;
    this.intervalMs *= 2;
  }
}

/** Milliseconds; 0 throughout when nothing was measured. */
export interface LatencySummary {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Sixteen steps per doubling: percentiles are off by at most 4.5 %. */
const stepsPerDoubling = 16;
const smallestMs = 1 / 1_024;
/** 2^-10 ms … 2^20 ms (17 minutes). */
const stepCount = 30 * stepsPerDoubling;

/** Latencies in a fixed amount of memory, however many there are. */
export class LatencyHistogram {
  private readonly counts = new Uint32Array(stepCount);
  private count = 0;
  private sum = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = 0;

  add(latencyMs: number): void {
    const step = Math.floor(Math.log2(Math.max(latencyMs, smallestMs) / smallestMs) * stepsPerDoubling);
    const at = Math.min(stepCount - 1, step);
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.count += 1;
    this.sum += latencyMs;
    this.min = Math.min(this.min, latencyMs);
    this.max = Math.max(this.max, latencyMs);
  }

  summary(): LatencySummary {
    if (this.count === 0) return { min: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
    return {
      min: this.min,
      mean: this.sum / this.count,
      p50: this.percentile(0.5),
      p90: this.percentile(0.9),
      p99: this.percentile(0.99),
      max: this.max,
    };
  }

  /** Counts per doubling, from the first to the last that holds any. */
  buckets(): { readonly upToMs: number; readonly count: number }[] {
    const buckets = [];
    for (let start = 0; start < stepCount; start += stepsPerDoubling) {
      const count = this.counts.subarray(start, start + stepsPerDoubling).reduce((sum, one) => sum + one, 0);
      buckets.push({ upToMs: upperBound(start + stepsPerDoubling - 1), count });
    }
    const first = buckets.findIndex(({ count }) => count > 0);
    const last = buckets.findLastIndex(({ count }) => count > 0);
    return first < 0 ? [] : buckets.slice(first, last + 1);
  }

  /** The upper bound of the step that holds the share, never above the largest latency. */
  private percentile(share: number): number {
    const wanted = Math.ceil(this.count * share);
    let seen = 0;
    for (let at = 0; at < stepCount; at += 1) {
      seen += this.counts[at] ?? 0;
      if (seen >= wanted) return Math.min(this.max, upperBound(at));
    }
    return this.max;
  }
}

function upperBound(step: number): number {
  return smallestMs * 2 ** ((step + 1) / stepsPerDoubling);
}

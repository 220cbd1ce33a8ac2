/** Milliseconds; 0 throughout when nothing was measured. */
export interface LatencySummary {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Latencies of more than the bound before and at most this one. */
export interface LatencyBucket {
  readonly upToMs: number;
  readonly count: number;
}

/** 64 equal steps per doubling: the upper bound of a step is at most 1/64 (1.6 %) above what fell into it. */
const stepBits = 6;
const smallestMs = 2 ** -10;
/** 2^-10 ms (1 µs) … 2^22 ms (70 minutes); what is outside counts in the first or last step. */
const stepCount = 32 << stepBits;
/** A double begins with sign, exponent and mantissa: cut after six bits of the mantissa it numbers log-linear steps. */
const double = new DataView(new ArrayBuffer(8));
const cutBits = 20 - stepBits;
const firstStep = topBits(smallestMs);

/** Latencies in 16 KiB, however many there are: linear steps within each doubling, as in an HDR histogram. */
export class LatencyHistogram {
  /** Not `Uint32Array`: a long run may overflow it. */
  private readonly counts = new Float64Array(stepCount);
  private total = 0;
  private sum = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = 0;

  add(latencyMs: number): void {
    const step = Math.min(stepCount - 1, Math.max(0, topBits(latencyMs) - firstStep));
    this.counts[step] = (this.counts[step] ?? 0) + 1;
    this.total += 1;
    this.sum += latencyMs;
    this.min = Math.min(this.min, latencyMs);
    this.max = Math.max(this.max, latencyMs);
  }

  /** Takes in what another one holds. */
  merge(other: LatencyHistogram): void {
    for (let step = 0; step < stepCount; step += 1) {
      this.counts[step] = (this.counts[step] ?? 0) + (other.counts[step] ?? 0);
    }
    this.total += other.total;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
  }

  summary(): LatencySummary {
    if (this.total === 0) return { min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
    const [p50 = 0, p90 = 0, p99 = 0, p999 = 0] = this.percentiles([0.5, 0.9, 0.99, 0.999]);
    return { min: this.min, mean: this.sum / this.total, p50, p90, p99, p999, max: this.max };
  }

  /** The steps that hold any. */
  buckets(): LatencyBucket[] {
    const buckets: LatencyBucket[] = [];
    this.counts.forEach((count, step) => {
      if (count > 0) buckets.push({ upToMs: upperBound(step), count });
    });
    return buckets;
  }

  /** For each share (rising) the upper bound of the step that holds it, never above the largest latency. */
  private percentiles(shares: readonly number[]): number[] {
    let step = 0;
    let seen = this.counts[0] ?? 0;
    return shares.map((share) => {
      const wanted = Math.ceil(this.total * share);
      while (seen < wanted && step < stepCount - 1) {
        step += 1;
        seen += this.counts[step] ?? 0;
      }
      return step === stepCount - 1 ? this.max : Math.min(this.max, upperBound(step));
    });
  }
}

function topBits(value: number): number {
  double.setFloat64(0, value);
  return double.getInt32(0) >> cutBits;
}

function upperBound(step: number): number {
  double.setInt32(0, (firstStep + step + 1) << cutBits);
  double.setInt32(4, 0);
  return double.getFloat64(0);
}

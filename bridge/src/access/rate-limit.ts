/** Token buckets: how often each party may ask. */

export interface RateLimitOptions {
  /** Requests that come back in a second. */
  readonly perSecond: number;
  /** Requests at once after a pause (default: those of two seconds). */
  readonly burst?: number;
  /** Milliseconds; monotonic. */
  readonly now?: () => number;
}

export interface RateLimit {
  readonly perSecond: number;
  /** Takes one request out of a party's bucket; false when it is empty. */
  take(party: string): boolean;
}

interface Bucket {
  level: number;
  at: number;
}

/** Parties remembered; the one that asked the longest ago is forgotten first. */
const maxBuckets = 4_096;

export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { perSecond, burst = 2 * perSecond, now = () => performance.now() } = options;
  /** Who asked the longest ago first. */
  const buckets = new Map<string, Bucket>();

  function bucketOf(party: string, at: number): Bucket {
    const known = buckets.get(party);
    if (known === undefined) return { level: burst, at };
    buckets.delete(party);
    known.level = Math.min(burst, known.level + ((at - known.at) / 1000) * perSecond);
    known.at = at;
    return known;
  }

  return {
    perSecond,
    take(party) {
      const bucket = bucketOf(party, now());
      buckets.set(party, bucket);
      const [oldest] = buckets.size > maxBuckets ? buckets.keys() : [];
      if (oldest !== undefined) buckets.delete(oldest);
      if (bucket.level < 1) return false;
      bucket.level -= 1;
      return true;
    },
  };
}

/** Load on servers of any protocol: when requests are due, how long their answers took, how it went over time. */
export type { LatencyBucket, LatencySummary } from './latency-histogram.ts';
export {
  generateLoad,
  type LoadClient,
  type LoadEnd,
  type LoadRunSettings,
  type LoadSettings,
} from './load.ts';
export type { LoadOutcome, LoadProgress, LoadResult } from './result.ts';
export type { Series, SeriesPoint } from './time-series.ts';

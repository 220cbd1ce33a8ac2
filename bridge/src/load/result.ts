import type { LatencyBucket, LatencySummary } from './latency-histogram.ts';
import type { Series } from './time-series.ts';

/** What became of one request. */
export interface LoadOutcome {
  /** Of the answer, such as `2.05` or `200`; absent when none came. */
  readonly code?: string;
  /** Why none came, such as `RESET`; absent when the request was aborted. */
  readonly failure?: string;
  /** Whether the code says that the request failed. */
  readonly isError: boolean;
  /** Of the answer's body. */
  readonly bytes: number;
  readonly retransmissions: number;
}

/** JSON-able. Times in milliseconds. */
export interface LoadProgress {
  readonly elapsedMs: number;
  readonly sent: number;
  /** With a response of any code. */
  readonly answered: number;
  /** Without one. */
  readonly lost: number;
  /** Responses that say so, such as 4.04 and 500. */
  readonly errors: number;
  readonly retransmissions: number;
  /** Answers. */
  readonly perSecond: number;
  /** In an open loop from when a request was due, otherwise from its sending. */
  readonly latency: LatencySummary;
}

/** JSON-able; docs/reference/cli.md has the fields. */
export interface LoadResult extends LoadProgress {
  readonly clients: number;
  /** Under way when the run was ended. */
  readonly unfinished: number;
  /** Bodies of all answers together. */
  readonly bytes: number;
  /** How many responses of each code, such as `2.05`. */
  readonly codes: Readonly<Record<string, number>>;
  /** How many requests were lost for each reason. */
  readonly failures: Readonly<Record<string, number>>;
  readonly histogram: readonly LatencyBucket[];
  readonly series: Series;
  readonly openLoop?: {
    readonly ratePerSecond: number;
    readonly due: number;
    readonly late: number;
    readonly lateForClients: number;
    readonly latestMs: number;
    readonly unsent: number;
    readonly fromSending: LatencySummary;
  };
}

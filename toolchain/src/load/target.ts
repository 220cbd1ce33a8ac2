import type { LoadClient } from '@radon/bridge/load';

/** What load is put on, and the request that is made of it. */
export interface LoadTarget {
  readonly method: string;
  /** Source ports used so far; undefined where connections count. */
  readonly ports?: number;
  /** Throws a failure (exit 3) when nobody answers there. */
  checkAnswers(signal: AbortSignal): Promise<void>;
  connect(client: number): Promise<LoadClient>;
}

/** Before many clients wait for what nobody answers, one sign of life is asked for. */
export const answerWithinMs = 5_000;

/** Options of the command that say what the request is. */
export interface LoadRequestOptions {
  readonly method?: string;
  readonly data?: string;
  readonly file?: string;
  /** Content-formats; HTTP has the media types of the same. */
  readonly format?: number;
  readonly accept?: number;
}

import type { Configuration } from '../../image/index.ts';
import { configurationTable } from '../../tables/index.ts';

const firstBackOffMs = 100;
const longestBackOffMs = 6400;

/** Decides when an instance is created again after a failure. Times are milliseconds since the node started. */
export class Recovery {
  readonly #mostRestarts: number;
  readonly #windowMs: number;
  #seriesBegin = Number.NEGATIVE_INFINITY;
  #failures = 0;

  /** `failures`: times of those in another worker, oldest first. */
  constructor(configuration: Configuration, failures: readonly number[] = []) {
    const { recovery, maxRestarts, windowMs } = configuration;
    const restarts = recovery === 'restart' || recovery === 'recover';
    this.#mostRestarts = restarts ? (maxRestarts ?? configurationTable.maxRestarts.default) : 0;
    this.#windowMs = windowMs ?? configurationTable.windowMs.default;
    for (const time of failures) this.failed(time);
  }

  /** When the instance is created again, or undefined when it is not. */
  failed(now: number): number | undefined {
    if (now - this.#seriesBegin >= this.#windowMs) {
      this.#seriesBegin = now;
      this.#failures = 0;
    }
    this.#failures += 1;
    if (this.#failures > this.#mostRestarts) return undefined;
    return now + Math.min(longestBackOffMs, firstBackOffMs * 2 ** (this.#failures - 1));
  }
}

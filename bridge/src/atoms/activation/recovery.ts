/** Failures come in series (docs/reference/runtime-interface.md, Traps and recovery). */
const seriesMs = 60_000;
const mostRestarts = 5;
const firstBackOffMs = 100;

/** Decides what follows a failure. Times are milliseconds since the node started. */
export class Recovery {
  readonly #restarts: boolean;
  #seriesBegin = Number.NEGATIVE_INFINITY;
  #failures = 0;

  /** `failures`: times of those in another worker, oldest first. */
  constructor(policy: 'none' | 'restart', failures: readonly number[] = []) {
    this.#restarts = policy === 'restart';
    for (const time of failures) this.failed(time);
  }

  /** When the atom is created again, or undefined when it is not. */
  failed(now: number): number | undefined {
    if (now - this.#seriesBegin >= seriesMs) {
      this.#seriesBegin = now;
      this.#failures = 0;
    }
    this.#failures += 1;
    if (!this.#restarts || this.#failures > mostRestarts) return undefined;
    return now + firstBackOffMs * 2 ** (this.#failures - 1);
  }
}

/** Failures within this span count together (docs/reference/runtime-interface.md, Traps and recovery). */
const windowMs = 60_000;
const mostRestarts = 5;
const firstBackOffMs = 100;
const longestBackOffMs = 6400;

/** Decides what follows a failure. Times are milliseconds since the node started. */
export class Recovery {
  readonly #restarts: boolean;
  /** Of the failures that count together, oldest first. */
  #failures: number[];
  /** Failures since the last pause of a whole window. */
  #row: number;

  constructor(policy: 'none' | 'restart', failures: readonly number[] = []) {
    this.#restarts = policy === 'restart';
    this.#failures = [...failures];
    this.#row = failures.length;
  }

  /** When the atom is created again, or undefined when it is not. */
  failed(now: number): number | undefined {
    const last = this.#failures.at(-1);
    if (last === undefined || now - last >= windowMs) this.#row = 0;
    this.#failures = [...this.#failures.filter((time) => now - time < windowMs), now];
    this.#row += 1;
    if (!this.#restarts || this.#failures.length > mostRestarts) return undefined;
    return now + Math.min(firstBackOffMs * 2 ** (this.#row - 1), longestBackOffMs);
  }
}

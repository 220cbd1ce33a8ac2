const windowMs = 60_000;
const most = 3;

/** When atoms made the node start anew. Times are milliseconds since the node started. */
export class Escalations {
  readonly #times = new Map<string, readonly number[]>();

  /** Notes one; true when it is the third of this atom within a minute. */
  add(atom: string, now: number): boolean {
    const recent = (this.#times.get(atom) ?? []).filter((time) => now - time < windowMs);
    this.#times.set(atom, [...recent, now]);
    return recent.length + 1 >= most;
  }
}

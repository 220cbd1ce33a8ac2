/**
 * Message IDs of one sender towards one endpoint: 65,536 per EXCHANGE_LIFETIME, none given out again before its lifetime
 * is over (RFC 7252 section 4.4). Ages are kept per run of 1,024 IDs.
 */

const runLength = 1_024;
const runCount = 65_536 / runLength;

export class MessageIds {
  /** When the last ID of a run was given out; -Infinity for a fresh run. */
  private readonly lastUse = new Float64Array(runCount).fill(Number.NEGATIVE_INFINITY);
  private readonly lifetimeMs: number;
  private next: number;
  /** IDs of the current run still to give out. */
  private left = 0;

  /** Starts at a run of the caller's choice, at random in practice (RFC 7252 section 4.4). */
  constructor(lifetimeMs: number, start: number) {
    this.lifetimeMs = lifetimeMs;
    this.next = start - (start % runLength);
  }

  /** The next ID, or -1 when all are in use: then try again at `freeAt`. */
  take(now: number): number {
    if (this.left === 0) {
      if (now < this.freeAt) return -1;
      this.left = runLength;
    }
    const id = this.next;
    this.left -= 1;
    this.next = (id + 1) & 0xffff;
    this.lastUse[Math.floor(id / runLength)] = now;
    return id;
  }

  /** When `take` gives out an ID again; in the past while there are some. */
  get freeAt(): number {
    if (this.left > 0) return Number.NEGATIVE_INFINITY;
    return (this.lastUse[Math.floor(this.next / runLength)] ?? 0) + this.lifetimeMs;
  }

  /** Whether every ID ever given out is free again. */
  isIdle(now: number): boolean {
    const lastRun = Math.floor(((this.next + 0xffff) & 0xffff) / runLength);
    return now >= (this.lastUse[lastRun] ?? 0) + this.lifetimeMs;
  }
}

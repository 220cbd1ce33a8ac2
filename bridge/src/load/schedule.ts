/** When requests are due: after the answer before (closed loop) or at fixed times (open loop). */
import type { Clock } from '../link/clock.ts';

export interface Schedule {
  /** When the next request of a client is due, once it is; undefined: there are no more. */
  next(client: number): number | undefined | Promise<number | undefined>;
  /** The time is over: only what was due before may still be begun. */
  end(): void;
  /** No more requests. */
  stop(): void;
}

/** Each client asks again as soon as it is answered, `rounds` times. */
export class ClosedLoop implements Schedule {
  private readonly clock: Clock;
  private readonly rounds: number;
  private readonly begun: number[];
  private isStopped = false;

  constructor(clock: Clock, clients: number, rounds: number) {
    this.clock = clock;
    this.rounds = rounds;
    this.begun = new Array<number>(clients).fill(0);
  }

  next(client: number): number | undefined {
    const begun = this.begun[client] ?? 0;
    if (this.isStopped || begun >= this.rounds) return undefined;
    this.begun[client] = begun + 1;
    return this.clock.now();
  }

  end(): void {
    this.stop();
  }

  stop(): void {
    this.isStopped = true;
  }
}

/** From here on a request counts as late, milliseconds after it was due. */
const lateMs = 1;

/**
 * Requests at equal distances, whatever becomes of them. A client that is free waits for the next one; of several the one
 * that was free last takes it, so that a target that keeps up sees few clients. Without one, requests wait.
 */
export class OpenLoop implements Schedule {
  late = 0;
  /** Of those late: every client was waiting for an answer. */
  lateForClients = 0;
  latestMs = 0;
  private readonly clock: Clock;
  private readonly startedAt: number;
  private readonly intervalMs: number;
  /** Of the whole run. */
  private total: number;
  private isEnded = false;
  private dueWhenStopped: number | undefined;
  private begun = 0;
  private readonly waiting: ((due: number | undefined) => void)[] = [];
  private cancelWake: (() => void) | undefined;

  constructor(clock: Clock, ratePerSecond: number, durationMs: number) {
    this.clock = clock;
    this.startedAt = clock.now();
    this.intervalMs = 1_000 / ratePerSecond;
    this.total = Math.ceil((durationMs * ratePerSecond) / 1_000);
  }

  /** How many were due so far. */
  get due(): number {
    if (this.dueWhenStopped !== undefined) return this.dueWhenStopped;
    const elapsed = Math.floor((this.clock.now() - this.startedAt) / this.intervalMs) + 1;
    return Math.max(this.begun, Math.min(this.total, elapsed));
  }

  /** How many were due and not begun. */
  get unsent(): number {
    return this.due - this.begun;
  }

  next(): number | undefined | Promise<number | undefined> {
    if (this.isNextDue) return this.begin(this.waiting.length === 0);
    if (this.isEnded) return undefined;
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.arm();
    });
  }

  end(): void {
    this.wake();
    this.cancelWake?.();
    this.isEnded = true;
    for (const resolve of this.waiting.splice(0)) resolve(undefined);
  }

  stop(): void {
    this.dueWhenStopped ??= this.due;
    this.total = 0;
    this.end();
  }

  private get isNextDue(): boolean {
    return this.begun < this.total && this.nextDue <= this.clock.now();
  }

  private get nextDue(): number {
    return this.startedAt + this.begun * this.intervalMs;
  }

  private begin(isForClients: boolean): number {
    const due = this.nextDue;
    const lateness = this.clock.now() - due;
    this.begun += 1;
    this.latestMs = Math.max(this.latestMs, lateness);
    if (lateness >= lateMs) {
      this.late += 1;
      if (isForClients) this.lateForClients += 1;
    }
    return due;
  }

  private arm(): void {
    if (this.begun < this.total) this.cancelWake ??= this.clock.wakeAt(this.nextDue, () => this.wake());
  }

  private wake(): void {
    this.cancelWake?.();
    this.cancelWake = undefined;
    while (this.waiting.length > 0 && this.isNextDue) this.waiting.pop()?.(this.begin(false));
    if (this.waiting.length > 0) this.arm();
  }
}

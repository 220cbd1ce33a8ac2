/** A hashed timer wheel: set and cancel cost a few loads, however many timers there are. */

const slotMs = 8;
const slotCount = 1_024;
const idle = -1;
/** Taken out by `advance`, about to be handed over. */
const due = -2;

/** Anything that waits. The links are the wheel's. */
export interface Timer {
  deadline: number;
  previous: Timer | undefined;
  following: Timer | undefined;
  /** Where it hangs; -1 while not set. */
  slot: number;
}

export class TimerWheel<T extends Timer> {
  private readonly slots: (T | undefined)[] = new Array<T | undefined>(slotCount).fill(undefined);
  /** Slots up to this tick were visited. */
  private tick: number;
  /** No timer is due before this; a lower bound. */
  private earliest = Number.POSITIVE_INFINITY;
  size = 0;

  constructor(now: number) {
    this.tick = Math.floor(now / slotMs);
  }

  /** Sets or moves a timer. */
  set(timer: T, deadline: number): void {
    this.cancel(timer);
    timer.deadline = deadline;
    const slot = Math.max(this.tick, Math.floor(deadline / slotMs)) % slotCount;
    const head = this.slots[slot];
    timer.slot = slot;
    timer.previous = undefined;
    timer.following = head;
    if (head !== undefined) head.previous = timer;
    this.slots[slot] = timer;
    this.size += 1;
    if (deadline < this.earliest) this.earliest = deadline;
  }

  cancel(timer: T): void {
    const { slot, previous, following } = timer;
    timer.slot = idle;
    if (slot < 0) return;
    if (previous === undefined) this.slots[slot] = following as T | undefined;
    else previous.following = following;
    if (following !== undefined) following.previous = previous;
    timer.previous = undefined;
    timer.following = undefined;
    this.size -= 1;
  }

  /** Takes out the timers due at `now` and hands over each in order; the callback may set and cancel timers. */
  advance(now: number, expired: (timer: T) => void): void {
    if (now < this.earliest) return;
    const last = Math.floor(now / slotMs);
    const found: T[] = [];
    for (let tick = Math.max(this.tick, last - slotCount + 1); tick <= last; tick += 1) {
      this.collect(this.slots[tick % slotCount], now, found);
    }
    this.tick = last;
    this.earliest = this.findEarliest();
    found.sort((a, b) => a.deadline - b.deadline);
    for (const timer of found) {
      if (timer.slot !== due) continue;
      timer.slot = idle;
      expired(timer);
    }
  }

  /** When `advance` has to be called next; infinity without timers. After a cancellation it may be early, never late. */
  get next(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.earliest;
  }

  private collect(head: T | undefined, now: number, found: T[]): void {
    for (let timer = head; timer !== undefined; ) {
      const following = timer.following as T | undefined;
      if (timer.deadline <= now) {
        this.cancel(timer);
        timer.slot = due;
        found.push(timer);
      }
      timer = following;
    }
  }

  private findEarliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let tick = this.tick; this.size > 0 && tick < this.tick + slotCount; tick += 1) {
      for (
        let timer = this.slots[tick % slotCount];
        timer !== undefined;
        timer = timer.following as T | undefined
      ) {
        earliest = Math.min(earliest, timer.deadline);
      }
      // Later slots hold later deadlines of this round, so the first hit within it is the answer.
      if (earliest < (tick + 1) * slotMs) return earliest;
    }
    return earliest;
  }
}

/** An event that takes no place in the inbox: a timer that fell due, a channel with a new reading. */
export class Signal {
  waiting = false;
  place = 0;
  /** Event id, 0 until it was offered. */
  id = 0;
  heldUntil = 0;
  retried = false;

  /** Makes the signal wait; it takes the place given unless it waits already. True when it did. */
  raise(place: number): boolean {
    if (this.waiting) return false;
    this.waiting = true;
    this.place = place;
    this.id = 0;
    this.heldUntil = 0;
    this.retried = false;
    return true;
  }

  forget(): void {
    this.waiting = false;
  }

  mayRun(now: number): boolean {
    return this.waiting && this.heldUntil <= now;
  }
}

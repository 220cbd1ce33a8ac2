/** Things that belong to transfers under way, bounded by count and bytes, each forgotten after a while of silence. */
interface Kept<T> {
  readonly value: T;
  readonly bytes: number;
  readonly until: number;
}

export class TransferStore<T> {
  private readonly kept = new Map<string, Kept<T>>();
  private readonly maxCount: number;
  private readonly maxBytes: number;
  private readonly lifetimeMs: number;
  private bytes = 0;

  constructor(maxCount: number, maxBytes: number, lifetimeMs: number) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
    this.lifetimeMs = lifetimeMs;
  }

  get size(): number {
    return this.kept.size;
  }

  get(key: string, now: number): T | undefined {
    const kept = this.kept.get(key);
    return kept !== undefined && kept.until > now ? kept.value : undefined;
  }

  /** Keeps a value that stands for so many bytes; false when there is no room beside what is still fresh. */
  set(key: string, value: T, bytes: number, now: number): boolean {
    this.delete(key);
    this.expire(now);
    if (this.kept.size >= this.maxCount || this.bytes + bytes > this.maxBytes) return false;
    this.kept.set(key, { value, bytes, until: now + this.lifetimeMs });
    this.bytes += bytes;
    return true;
  }

  delete(key: string): void {
    const kept = this.kept.get(key);
    if (kept === undefined) return;
    this.bytes -= kept.bytes;
    this.kept.delete(key);
  }

  /** The least recently set come first. */
  dropOldest(): void {
    const [oldest] = this.kept.keys();
    if (oldest !== undefined) this.delete(oldest);
  }

  private expire(now: number): void {
    for (const [key, kept] of this.kept) {
      if (kept.until > now) return;
      this.delete(key);
    }
  }
}

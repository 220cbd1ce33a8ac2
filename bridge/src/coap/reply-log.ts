/** Bytes of replies in the order they were written, in chunks that are recycled as a whole once nobody needs them. */

const chunkSize = 64 * 1_024;

export class ReplyLog {
  private readonly chunks: Uint8Array[] = [];
  /** Youngest owner of a reply in the chunk at the same place. */
  private readonly lastOwners: number[] = [];
  private readonly limit: number;
  private spare: Uint8Array | undefined;
  /** Absolute number of `chunks[0]`. */
  private firstChunk = 0;
  /** Bytes used of the last chunk. */
  private used = chunkSize;

  constructor(limitBytes: number) {
    this.limit = Math.max(2, Math.ceil(limitBytes / chunkSize));
  }

  get bytes(): number {
    return this.chunks.length * chunkSize;
  }

  /** Whether replies of so many bytes fit for certain, the ends of chunks left unused at worst. */
  hasRoom(bytes: number): boolean {
    return bytes * 2 <= (this.limit - this.chunks.length) * chunkSize + (chunkSize - this.used);
  }

  /** Appends; owners are sequence numbers. Returns the position for `read`. At most one chunk long. */
  write(owner: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (this.used + length > chunkSize) this.addChunk();
    const last = this.chunks.length - 1;
    const chunk = this.chunks[last] ?? new Uint8Array(0);
    const at = this.used;
    for (let offset = 0; offset < length; offset += 1) chunk[at + offset] = bytes[start + offset] ?? 0;
    this.used += length;
    this.lastOwners[last] = Math.max(this.lastOwners[last] ?? 0, owner);
    return (this.firstChunk + last) * chunkSize + at;
  }

  /** A view, valid while the owner lives. */
  read(position: number, length: number): Uint8Array {
    const chunk = this.chunks[Math.floor(position / chunkSize) - this.firstChunk];
    const at = position % chunkSize;
    return chunk === undefined ? new Uint8Array(0) : chunk.subarray(at, at + length);
  }

  /** Lets go of the chunks whose owners are all older than `oldest`. */
  release(oldest: number): void {
    while (this.chunks.length > 0 && (this.lastOwners[0] ?? 0) < oldest) {
      this.spare = this.chunks.shift();
      this.lastOwners.shift();
      this.firstChunk += 1;
      if (this.chunks.length === 0) this.used = chunkSize;
    }
  }

  private addChunk(): void {
    this.chunks.push(this.spare ?? new Uint8Array(chunkSize));
    this.lastOwners.push(0);
    this.spare = undefined;
    this.used = 0;
  }
}

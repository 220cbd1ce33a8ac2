import type { Outgoing } from './outgoing.ts';

/** Two bytes of table index and two of randomness: found without a search, and a stale token is recognised. */
export const tokenLength = 4;
const tokenLimit = 0x10000;

/** The tokens in use of one message layer (RFC 7252 section 5.3.1). */
export class Tokens {
  private readonly holders: (Outgoing | undefined)[] = [];
  private readonly free: number[] = [];
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  get size(): number {
    return this.holders.length - this.free.length;
  }

  /** Gives the message a token; false when all 65,536 are in use. */
  assign(outgoing: Outgoing): boolean {
    const index = this.free.pop() ?? this.holders.length;
    if (index >= tokenLimit) return false;
    const nonce = Math.floor(this.random() * 0x10000);
    this.holders[index] = outgoing;
    outgoing.tokenIndex = index;
    outgoing.tokenFrom = Uint8Array.of(index >> 8, index, nonce >> 8, nonce);
    outgoing.tokenStart = 0;
    outgoing.tokenLength = tokenLength;
    return true;
  }

  /** Who holds the token of a received message. */
  find(bytes: Uint8Array, length: number): Outgoing | undefined {
    if (length !== tokenLength) return undefined;
    const holder = this.holders[((bytes[4] ?? 0) << 8) | (bytes[5] ?? 0)];
    if (holder === undefined) return undefined;
    const { tokenFrom } = holder;
    return tokenFrom[2] === bytes[6] && tokenFrom[3] === bytes[7] ? holder : undefined;
  }

  /** A message that goes on under the token of another. */
  transfer(from: Outgoing, to: Outgoing): void {
    if (from.tokenIndex >= 0) this.holders[from.tokenIndex] = to;
    to.tokenIndex = from.tokenIndex;
    to.tokenFrom = from.tokenFrom;
    to.tokenLength = from.tokenLength;
    from.tokenIndex = -1;
  }

  /** Every message that expects a response. */
  all(): Outgoing[] {
    return this.holders.filter((holder) => holder !== undefined);
  }

  release(outgoing: Outgoing): void {
    if (outgoing.tokenIndex < 0) return;
    this.holders[outgoing.tokenIndex] = undefined;
    this.free.push(outgoing.tokenIndex);
    outgoing.tokenIndex = -1;
  }
}

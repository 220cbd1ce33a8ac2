/** The value of Block1 and Block2 (RFC 7959 section 2.2). */
export interface Block {
  readonly number: number;
  readonly more: boolean;
  /** Size exponent 0 … 6; 7 is reserved on UDP. */
  readonly exponent: number;
}

export const reservedExponent = 7;
/** Twenty bits. */
const highestBlock = 0xfffff;

export function encodeBlock(number: number, more: boolean, exponent: number): number {
  return (number << 4) | (more ? 8 : 0) | exponent;
}

export function decodeBlock(value: number): Block {
  return { number: value >>> 4, more: (value & 8) !== 0, exponent: value & 7 };
}

export function blockBytes(exponent: number): number {
  return 16 << exponent;
}

/** The exponent of the largest block size that is at most `bytes`; sizes below 16 count as 16, above 1024 as 1024. */
export function exponentOf(bytes: number): number {
  return Math.min(6, Math.max(0, 31 - Math.clz32(bytes) - 4));
}

/** The largest body that block numbers can address. */
export function largestBody(exponent: number): number {
  return (highestBlock + 1) * blockBytes(exponent);
}

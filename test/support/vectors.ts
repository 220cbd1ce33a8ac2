import { readFileSync } from 'node:fs';

/** `[hex, note]` or `[hex, note, repeat]`, one after another. */
export type AnnotatedBytes = readonly (readonly [hex: string, note: string, repeat?: number])[];

/** A file of test/vectors. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
}

export function joinBytes(pieces: AnnotatedBytes): Uint8Array {
  return Buffer.concat(
    pieces.flatMap(([hex, , repeat = 1]) =>
      new Array(repeat).fill(Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    ),
  );
}

/** Hex text in which `c0*3` stands for three times C0. */
export function fromHex(text: string): Uint8Array {
  const parts = text.split(' ').map((part) => {
    const [hex = '', repeat = '1'] = part.split('*');
    return Buffer.concat(new Array(Number(repeat)).fill(Buffer.from(hex, 'hex')));
  });
  return Buffer.concat(parts);
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

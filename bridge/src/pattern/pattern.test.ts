import { describe, expect, it } from 'vitest';
import { readVectors } from '../../../test/support/vectors.ts';
import { parsePattern } from './index.ts';

interface Vectors {
  readonly valid: readonly {
    readonly name: string;
    readonly pattern: string;
    readonly matches: readonly string[];
    readonly fails: readonly string[];
  }[];
  readonly invalid: readonly { readonly name: string; readonly pattern: string }[];
}

const vectors = readVectors<Vectors>('patterns.json');

describe('a pattern', () => {
  it.each(vectors.valid)('$name: $pattern', ({ pattern, matches, fails }) => {
    const parsed = parsePattern(pattern);
    expect(matches.filter((text) => parsed?.matches(text) !== true)).toEqual([]);
    expect(fails.filter((text) => parsed?.matches(text) !== false)).toEqual([]);
  });

  it.each(vectors.invalid)('is refused: $name: $pattern', ({ pattern }) => {
    expect(parsePattern(pattern)).toBeUndefined();
  });

  it('takes bytes that are no UTF-8', () => {
    expect(parsePattern(Uint8Array.of(0xff, 0x2b))?.matches(Uint8Array.of(0xff, 0xff))).toBe(true);
  });

  it('takes time that grows with pattern × text, not faster', () => {
    const hard = parsePattern(`${'(a*)*'.repeat(12)}b`);
    const text = 'a'.repeat(2000);
    const begin = performance.now();
    expect(hard?.matches(text)).toBe(false);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});

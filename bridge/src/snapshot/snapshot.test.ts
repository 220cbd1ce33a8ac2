import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseHex, toHex } from '../fields/index.ts';
import { RadonError } from '../problem/index.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotLimits } from './index.ts';

interface Vectors {
  readonly limits: Omit<SnapshotLimits, 'digest'> & { readonly digest: string };
  readonly valid: readonly { readonly name: string; readonly hex: string; readonly document: unknown }[];
  readonly invalid: readonly { readonly name: string; readonly hex: string; readonly field: string }[];
}

const file = new URL('../../../test/vectors/snapshots.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const limits: SnapshotLimits = { ...vectors.limits, digest: bytes(vectors.limits.digest) };

function bytes(hex: string): Uint8Array {
  return parseHex(hex) ?? new Uint8Array(0);
}

/** The document as the vectors show it: bytes as hexadecimal text. */
function shown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, member: unknown) => (member instanceof Uint8Array ? toHex(member) : member)),
  );
}

function refusal(hex: string): RadonError {
  try {
    decodeSnapshot(bytes(hex), limits);
  } catch (error) {
    if (error instanceof RadonError) return error;
  }
  throw new Error('was not refused');
}

describe('a snapshot', () => {
  it.each(vectors.valid)('is read and written the same: $name', ({ hex, document }) => {
    const snapshot = decodeSnapshot(bytes(hex), limits);
    expect(shown(snapshot)).toEqual(document);
    expect(toHex(encodeSnapshot(snapshot))).toBe(hex);
  });

  it.each(vectors.invalid)('is refused, naming the field: $name', ({ hex, field }) => {
    const error = refusal(hex);
    expect(error.code).toBe('BAD_SNAPSHOT');
    expect(String(error.details.detail)).toContain(field);
  });

  it('is refused wherever it is cut', () => {
    const hex = vectors.valid[1]?.hex ?? '';
    for (let end = 0; end < hex.length; end += 2) {
      expect(refusal(hex.slice(0, end)).code).toBe('BAD_SNAPSHOT');
    }
  });
});

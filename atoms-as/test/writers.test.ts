import { decode } from 'cborg';
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Fixture, openFixture } from './fixture.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture('writers.ts', 4096);
});

const call = (name: string, ...values: (number | bigint)[]) => fixture.call[name]?.(...values) ?? Number.NaN;
const bytesAt = (name: string, length: number) => fixture.memory.slice(call(name), call(name) + length);
const textAt = (name: string, length: number) => new TextDecoder().decode(bytesAt(name, length));

/** A text in the memory of the fixture; valid until the next collection. */
function guestText(text: string): number {
  const at = call('newText', text.length);
  fixture.memory.set(Buffer.from(text, 'utf16le'), at);
  return at;
}

/** What a text becomes as the start of a body. */
function encoded(text: string): Uint8Array {
  call('begin');
  const length = call('text', guestText(text));
  call('collect');
  return bytesAt('outputStart', length);
}

describe('text', () => {
  test('is UTF-8 as the platform writes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        expect(encoded(text)).toEqual(new TextEncoder().encode(text));
      }),
    );
  });

  test('beyond the buffer nothing is written', () => {
    call('begin');
    expect(call('text', guestText('a'.repeat(128)))).toBe(128);
    expect(call('fits')).toBe(1);
    expect(call('text', guestText('b'.repeat(300)))).toBe(128 + 64);
    expect(call('fits')).toBe(0);
    const behind = fixture.memory.slice(call('outputStart') + 128 + 64, call('outputStart') + 128 + 64 + 24);
    expect(behind.includes(0x62)).toBe(false);
    call('collect');
  });

  test('is compared with what the node wrote', () => {
    call('begin');
    fixture.memory.set(new TextEncoder().encode('level'), call('spareStart'));
    const compare = (text: string) => call('matches', 5, guestText(text));
    expect(['level', 'leve', 'levels', 'lever', ''].map(compare)).toEqual([1, 0, 0, 0, 0]);
    call('collect');
  });
});

describe('numbers as text', () => {
  const places = fc.integer({ min: 0, max: 6 });

  test('decimals are the nearest of their places, without zeros at the end', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), places, (value, digits) => {
        const text = textAt('outputStart', call('decimal', value, digits));
        expect(text).toMatch(/^(-?\d+(\.\d*[1-9])?)$/);
        expect((text.split('.')[1] ?? '').length).toBeLessThanOrEqual(digits);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(
          0.5 * 10 ** -digits + Math.abs(value) * 1e-15,
        );
      }),
    );
  });

  test.each([
    [0.5, 0, '1'],
    [-0.4, 0, '0'],
    [-0.5, 1, '-0.5'],
    [1.005, 3, '1.005'],
    [0.001, 3, '0.001'],
    [1e15, 3, '1000000000000000'],
    [1e16, 3, 'null'],
    [Number.NaN, 3, 'null'],
    [Number.NEGATIVE_INFINITY, 3, 'null'],
  ])('%d with %d places is %s', (value, digits, text) => {
    expect(textAt('outputStart', call('decimal', value, digits))).toBe(text);
  });

  test('integers of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(textAt('outputStart', call('integer', value))).toBe(String(value));
      }),
    );
  });

  test('decimal text reads back', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(999), fc.boolean(), (whole, part, dot) => {
        const text = dot ? `${whole}.${part}` : `${whole}`;
        fixture.memory.set(new TextEncoder().encode(text), call('spareStart'));
        expect(call('number', text.length)).toBeCloseTo(Number(text), 9);
      }),
    );
  });

  test.each(['', '-', '.', '1.2.3', '1e5', ' 1', '1 ', '0x10', '+1', '--1', 'NaN'])(
    '"%s" is no number',
    (text) => {
      fixture.memory.set(new TextEncoder().encode(text), call('spareStart'));
      expect(call('number', text.length)).toBeNaN();
    },
  );
});

describe('CBOR', () => {
  test('numbers keep their value', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(decode(bytesAt('outputStart', call('cborNumber', value)))).toBe(
          Object.is(value, -0) ? 0 : value,
        );
      }),
    );
  });

  // RFC 8949 appendix A.
  test.each([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [100, '1864'],
    [1000, '1903e8'],
    [1000000, '1a000f4240'],
    [-1, '20'],
    [-100, '3863'],
    [-1000, '3903e7'],
    [1.1, 'fb3ff199999999999a'],
    [-4.1, 'fbc010666666666666'],
    [1e300, 'fb7e37e43c8800759c'],
  ])('%d is %s', (value, hex) => {
    expect(Buffer.from(bytesAt('outputStart', call('cborNumber', value))).toString('hex')).toBe(hex);
  });

  test('a document decodes', () => {
    const length = call('cborDocument', guestText('grün'));
    expect(decode(bytesAt('outputStart', length))).toEqual({ list: [true, null, -1], text: 'grün' });
  });
});

describe('SenML', () => {
  const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

  test('JSON and CBOR hold the same pack', () => {
    fc.assert(
      fc.property(finite, finite, (first, second) => {
        const json = JSON.parse(textAt('outputStart', call('pack', 110, first, second)));
        expect(json).toEqual([
          { n: 'a', u: 'mm', v: expect.closeTo(first, 2) },
          { n: 'b', u: 'count', v: expect.closeTo(second, 2) },
        ]);
        const cbor: unknown = decode(bytesAt('outputStart', call('pack', 112, first, second)), {
          useMaps: true,
        });
        const record = (name: string, unit: string, value: number) =>
          new Map<number, unknown>([
            [0, name],
            [1, unit],
            [2, Object.is(value, -0) ? 0 : value],
          ]);
        expect(cbor).toEqual([record('a', 'mm', first), record('b', 'count', second)]);
      }),
    );
  });

  test('text has one record a line', () => {
    expect(textAt('outputStart', call('pack', 0, 1.5, -2))).toBe('a 1.5 mm\nb -2 count\n');
  });
});

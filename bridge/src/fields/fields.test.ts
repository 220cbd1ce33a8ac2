import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldKeys } from '../tables/index.ts';
import {
  decodeFields,
  decodeFieldsStrictly,
  decodeForeignCbor,
  encodeFields,
  type FieldValue,
  parseHex,
  stringifyFields,
  toHex,
} from './index.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('field documents', () => {
  test('names become integer keys in ascending order', () => {
    expect(toHex(encodeFields({ version: '2', name: 'rain', used: 300 }))).toBe(
      'a300647261696e016132183b19012c',
    );
  });

  test('integer keys become names, unknown ones stay as text', () => {
    expect(decodeFields(hex('a2 00 64 7261696e 19 03e7 01'))).toEqual({ name: 'rain', '999': 1 });
  });

  test('byte strings are hexadecimal text in JSON, also from a Buffer', () => {
    const bytes = Buffer.from(encodeFields({ digest: hex('00ff'), have: 0 }));
    expect(stringifyFields(decodeFields(bytes))).toBe('{"digest":"00ff","have":0}');
  });

  test('a name outside the table is refused', () => {
    expect(() => encodeFields({ nonsense: 1 })).toThrow('unknown field "nonsense"');
    expect(() => encodeFields({ constructor: 1 } as unknown as FieldValue)).toThrow('unknown field');
  });

  test.each([
    ['cut', 'a2 00'],
    ['trailing bytes', '00 00'],
    ['a duplicate key', 'a2 00 01 00 02'],
    ['a 64-bit integer', '1b ffffffffffffffff'],
    ['nothing', ''],
  ])('%s is BAD_CONTENT', (_, bytes) => {
    expect(() => decodeFields(hex(bytes))).toThrow(expect.objectContaining({ code: 'BAD_CONTENT' }));
  });

  test.each([[65], [2_500], [60_000]])('%i levels are BAD_CONTENT, not a crash', (levels) => {
    const badContent = expect.objectContaining({ code: 'BAD_CONTENT' });
    const lists = Uint8Array.from([...new Uint8Array(levels).fill(0x81), 0]);
    const maps = Uint8Array.from([
      ...Array.from({ length: levels * 2 }, (_, at) => (at % 2 === 0 ? 0xa1 : 0)),
      0,
    ]);
    for (const nested of [lists, maps]) {
      expect(() => decodeFields(nested)).toThrow(badContent);
      expect(() => decodeForeignCbor(nested)).toThrow(badContent);
    }
  });

  test('a document nested too deeply to be written is BAD_CONTENT, not a crash', () => {
    const nested = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000)) as FieldValue;
    expect(() => encodeFields(nested)).toThrow(expect.objectContaining({ code: 'BAD_CONTENT' }));
  });

  test.each([
    ['unsorted keys', 'a2 01 61 32 00 64 7261696e'],
    ['a long integer', '18 05'],
    ['an indefinite length', '9f 01 ff'],
    ['an unknown key', 'a1 19 03e7 01'],
  ])('the strict reader refuses %s', (_, bytes) => {
    expect(() => decodeFieldsStrictly(hex(bytes))).toThrow(expect.objectContaining({ code: 'BAD_CONTENT' }));
  });

  test('what is written reads the same', () => {
    const leaf = fc.oneof(
      fc.boolean(),
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 40 }),
    );
    const name = fc.constantFrom(...Object.keys(fieldKeys));
    const document = fc.letrec<{ value: FieldValue }>((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), fc.dictionary(name, tie('value'))),
    }));
    fc.assert(
      fc.property(document.value, (value) => {
        expect(decodeFieldsStrictly(encodeFields(value))).toEqual(plain(value));
      }),
    );
  });

  test('arbitrary bytes give a document or BAD_CONTENT', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          stringifyFields(decodeFields(bytes));
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_CONTENT' });
        }
      }),
    );
  });
});

test('hexadecimal text', () => {
  expect(parseHex('00fF')).toEqual(hex('00ff'));
  expect(parseHex('0')).toBeUndefined();
  expect(parseHex('zz')).toBeUndefined();
});

/** fast-check makes dictionaries without a prototype and negative zeros. */
function plain(value: FieldValue): FieldValue {
  if (Object.is(value, -0)) return 0;
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

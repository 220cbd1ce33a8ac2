import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeSenmlCbor,
  encodeSenmlCbor,
  parseSenml,
  resolveSenml,
  type SenmlRecord,
  stringifySenml,
} from './index.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('SenML', () => {
  test('the example of RFC 8428 section 6 (CBOR)', () => {
    const pack = [{ n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.5 }];
    const bytes = hex(
      '81 a3 00 781b 75726e3a6465763a6f773a31306532303733613031303830303633 01 63 43656c 02 f9 4de0',
    );
    expect(encodeSenmlCbor(pack)).toEqual(bytes);
    expect(decodeSenmlCbor(bytes)).toEqual(pack);
  });

  test('base fields apply to the records after them (RFC 8428 section 5.1.2)', () => {
    const pack = parseSenml(
      '[{"bn":"dev:","bu":"mm","bt":1000,"n":"a","v":1},{"n":"b","u":"V","v":2,"t":-5},{"bv":10,"v":3}]',
    );
    expect(resolveSenml(pack)).toEqual([
      { n: 'dev:a', u: 'mm', v: 1, t: 1000 },
      { n: 'dev:b', u: 'V', v: 2, t: 995 },
      { n: 'dev:', u: 'mm', v: 13, t: 1000 },
    ]);
  });

  test('data is base64url text in JSON and bytes in CBOR', () => {
    const pack = [{ n: 'd', vd: hex('fbff00') }];
    expect(stringifySenml(pack)).toBe('[{"n":"d","vd":"-_8A"}]');
    expect(parseSenml(stringifySenml(pack))).toEqual(pack);
  });

  test('unknown labels are ignored, unless they must be understood', () => {
    expect(parseSenml('[{"n":"a","v":1,"vendor":2}]')).toEqual([{ n: 'a', v: 1 }]);
    expect(() => parseSenml('[{"n":"a","must_":2}]')).toThrow('"must_" is not understood');
  });

  test.each([
    '{}',
    '[1]',
    '[{"v":"1"}]',
    '[{"v":1e999}]',
    '[{"vd":"*"}]',
    '[{"vd":"A"}]',
    '[',
    '[null]',
    '[{"n":1}]',
  ])('%s is BAD_CONTENT', (json) => {
    expect(() => parseSenml(json)).toThrow(expect.objectContaining({ code: 'BAD_CONTENT' }));
  });

  test.each(['a0', '8100', '81a10261 61', '81', '81a10000'])('CBOR %s is BAD_CONTENT', (bytes) => {
    expect(() => decodeSenmlCbor(hex(bytes))).toThrow(expect.objectContaining({ code: 'BAD_CONTENT' }));
  });

  test('a pack survives both encodings', () => {
    const number = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => (value === 0 ? 0 : value));
    const record: fc.Arbitrary<SenmlRecord> = fc.record(
      {
        n: fc.string(),
        u: fc.string(),
        v: number,
        vs: fc.string(),
        vb: fc.boolean(),
        vd: fc.uint8Array(),
        t: number,
        bn: fc.string(),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(record), (pack) => {
        expect(decodeSenmlCbor(encodeSenmlCbor(pack))).toEqual(pack);
        expect(parseSenml(stringifySenml(pack))).toEqual(pack);
      }),
    );
  });
});

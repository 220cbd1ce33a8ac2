import { describe, expect, test } from 'vitest';
import { formatOfMediaType, mediaTypeOf, parseFormat, shortNameOfFormat } from './index.ts';

describe('content-formats', () => {
  test.each([
    ['application/json', 50],
    ['Application/JSON; charset=UTF-8', 50],
    ['text/plain;charset=utf-8', 0],
    ['application/cose; cose-type="cose-sign1"', 18],
    ['application/senml+cbor', 112],
    ['application/coap-payload;cf=4711', 4711],
  ])('%s is %d', (mediaType, format) => {
    expect(formatOfMediaType(mediaType)).toBe(format);
  });

  test.each([
    'text/html',
    'application/coap-payload;cf=65536',
    'application/coap-payload',
    '',
    'text/plain;charset=latin1',
  ])('%j has none', (mediaType) => {
    expect(formatOfMediaType(mediaType)).toBeUndefined();
  });

  test('every format survives the way to HTTP and back', () => {
    for (const format of [0, 18, 40, 42, 50, 60, 110, 112, 257, 999]) {
      expect(formatOfMediaType(mediaTypeOf(format))).toBe(format);
      expect(parseFormat(shortNameOfFormat(format))).toBe(format);
    }
  });

  test('a short name that is none', () => {
    expect(parseFormat('xml')).toBeUndefined();
    expect(parseFormat('65536')).toBeUndefined();
    expect(parseFormat('constructor')).toBeUndefined();
  });
});

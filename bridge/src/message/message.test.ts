import { encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { encodeFields, toHex } from '../fields/index.ts';
import {
  atomOf,
  decodeEnvelope,
  encodeEnvelope,
  isAddress,
  isReport,
  type MessageEnvelope,
  parseDestination,
  type ReportEnvelope,
} from './index.ts';

const message: MessageEnvelope = {
  from: 'n1/worker~2',
  incarnation: 0xdeadbeef,
  seq: 7,
  id: 3,
  hops: 4,
  payload: Uint8Array.of(1, 2),
};
const report: ReportEnvelope = {
  from: 'n1/a',
  incarnation: 1,
  seq: 8,
  hops: 4,
  correlation: 3,
  outcome: -3,
};

describe('the envelope of a message', () => {
  it('is a map with the keys of docs/fields.json in ascending order', () => {
    expect(toHex(encodeEnvelope(message))).toBe(
      'a61832' +
        '03' +
        '18a0' +
        '6b6e312f776f726b65727e32' +
        '18a1' +
        '1adeadbeef' +
        '18a5' +
        '04' +
        '18a6' +
        '420102' +
        '18a9' +
        '07',
    );
  });

  it('comes back as it was', () => {
    const answer = { ...message, correlation: 9, flags: 5, payload: new Uint8Array(512) };
    for (const envelope of [message, answer, report]) {
      expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
    }
    expect([message, report].map(isReport)).toEqual([false, true]);
  });

  it.each([
    ['nothing', {}],
    ['a sender without node', { ...message, from: 'worker' }],
    ['a sender with a name that is none', { ...message, from: 'n1/Worker' }],
    ['a place of a sender that is no number', { ...message, from: 'n1/worker~0' }],
    ['a number of 33 bits', { ...message, seq: 0x1_0000_0000 }],
    ['a negative number', { ...message, incarnation: -1 }],
    ['no number at all', { ...message, id: 0 }],
    ['too many hops', { ...message, hops: 256 }],
    ['a payload over the limit', { ...message, payload: new Uint8Array(513) }],
    ['a payload of text', { ...message, payload: 'hello' }],
    ['unknown flags', { ...message, flags: 8 }],
    ['an unknown member', { ...message, ttlMs: 5 }],
    ['a report with payload', { ...report, payload: new Uint8Array(1) }],
    ['a report of success', { ...report, outcome: 0 }],
    ['a report of an unknown error', { ...report, outcome: -13 }],
  ])('is refused with %s', (_, document) => {
    expect(() => decodeEnvelope(encodeFields(document))).toThrow(
      expect.objectContaining({ code: 'BAD_CONTENT' }),
    );
  });

  it.each([
    ['no CBOR', Uint8Array.of(0xff)],
    ['no bytes', new Uint8Array(0)],
    ['an array', encode([1, 2])],
    ['keys as text', encode({ from: 'n1/a' })],
    ['bytes behind it', Uint8Array.from([...encodeEnvelope(message), 0])],
    ['longer numbers than needed', Uint8Array.from([0xa1, 0x18, 0xa5, 0x18, 0x04])],
  ])('is refused as %s', (_, bytes) => {
    expect(() => decodeEnvelope(bytes)).toThrow(expect.objectContaining({ code: 'BAD_CONTENT' }));
  });

  it('is refused wherever it is cut', () => {
    const bytes = encodeEnvelope({ ...message, correlation: 1, flags: 1 });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeEnvelope(bytes.subarray(0, length))).toThrow();
    }
  });
});

describe('a destination', () => {
  it.each([
    ['rain', { name: 'rain' }],
    ['worker~12', { name: 'worker~12' }],
    ['n1/worker~2', { node: 'n1', name: 'worker~2' }],
    ['a'.repeat(32), { name: 'a'.repeat(32) }],
  ])('%s is one', (text, destination) => {
    expect(parseDestination(text)).toEqual(destination);
  });

  it.each([
    '',
    '/',
    'a/',
    '/a',
    'a/b/c',
    'Rain',
    '1a',
    'a~',
    'a~0',
    'a~01',
    'a~1~2',
    'n~1/a',
    'a\n',
    `${'a'.repeat(33)}`,
  ])('%j is none', (text) => {
    expect(parseDestination(text)).toBeUndefined();
  });

  it('is an address with a node in front', () => {
    expect(['n1/a', 'n1/a~1', 'a', 'n1/a/b', 'n1/a\n'].map(isAddress)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('names the atom of an instance', () => {
    expect(['a', 'a~3'].map(atomOf)).toEqual(['a', 'a']);
  });
});

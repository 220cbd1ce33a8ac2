import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnnotatedBytes,
  fromHex,
  joinBytes,
  readVectors,
  toHex,
} from '../../../test/support/vectors.ts';
import { encodeMessage, ParsedMessage, parseMessage, parseOutcome } from './codec.ts';
import { messageType } from './codes.ts';
import { ReceivedMessage } from './received.ts';

interface VectorFile {
  readonly cases: readonly MessageVector[];
}

interface MessageVector {
  readonly name: string;
  readonly rfc: string;
  readonly bytes: AnnotatedBytes;
  readonly canonical?: boolean;
  readonly error?: 'ignore' | 'format';
  readonly type?: keyof typeof typeNumbers;
  readonly id?: number;
  readonly message?: {
    readonly type: keyof typeof typeNumbers;
    readonly code: string;
    readonly id: number;
    readonly token: string;
    readonly options: readonly (readonly [number, string])[];
    readonly payload: string;
  };
}

const typeNumbers = { CON: 0, NON: 1, ACK: 2, RST: 3 } as const;

describe('message vectors', () => {
  for (const vector of readVectors<VectorFile>('coap-messages.json').cases) {
    it(`${vector.name} (RFC ${vector.rfc})`, () => {
      const bytes = joinBytes(vector.bytes);
      const parsed = new ParsedMessage();
      const outcome = parseMessage(bytes, parsed);
      if (vector.error !== undefined) {
        expect(outcome).toBe(vector.error === 'ignore' ? parseOutcome.ignore : parseOutcome.malformed);
        if (vector.id !== undefined) expect(parsed.messageId).toBe(vector.id);
        if (vector.type !== undefined) expect(parsed.type).toBe(typeNumbers[vector.type]);
        return;
      }
      const { message } = vector;
      if (message === undefined) throw new Error('vector without message');
      expect(outcome).toBe(parseOutcome.ok);
      const received = new ReceivedMessage(bytes, parsed.payloadStart);
      expect({
        type: received.type,
        code: `${received.code >> 5}.${String(received.code & 31).padStart(2, '0')}`,
        id: received.messageId,
        token: toHex(received.token),
        options: received.options.map(({ number, value }) => [number, toHex(value)]),
        payload: toHex(received.payload),
      }).toEqual({
        type: typeNumbers[message.type],
        code: message.code,
        id: message.id,
        token: message.token,
        options: message.options.map(([number, value]) => [number, toHex(fromHex(value))]),
        payload: toHex(fromHex(message.payload)),
      });
      if (vector.canonical !== false) expect(toHex(encodeAgain(received))).toBe(toHex(bytes));
    });
  }
});

function encodeAgain(received: ReceivedMessage): Uint8Array {
  const { type, code, messageId, token, options, payload } = received;
  return encodeMessage({ type, code, messageId, token, options, payload });
}

const optionArbitrary = fc.record({
  number: fc.integer({ min: 1, max: 0xffff }),
  value: fc.uint8Array({ maxLength: 300 }),
});
const messageArbitrary = fc.record({
  type: fc.constantFrom(messageType.con, messageType.non, messageType.ack),
  code: fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 31, 0x41, 0x45, 0x5f, 0x84, 0xa0),
  messageId: fc.integer({ min: 0, max: 0xffff }),
  token: fc.uint8Array({ maxLength: 8 }),
  options: fc.array(optionArbitrary, { maxLength: 12 }),
  payload: fc.uint8Array({ maxLength: 1_100 }),
});

describe('codec properties', () => {
  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(messageArbitrary, (message) => {
        const bytes = encodeMessage(message);
        const parsed = new ParsedMessage();
        expect(parseMessage(bytes, parsed)).toBe(parseOutcome.ok);
        const received = new ReceivedMessage(bytes, parsed.payloadStart);
        const options = message.options.toSorted((a, b) => a.number - b.number);
        expect(toHex(received.token)).toBe(toHex(message.token));
        expect(toHex(received.payload)).toBe(toHex(message.payload));
        expect(received.options.map(({ number }) => number)).toEqual(options.map(({ number }) => number));
        expect(received.options.map(({ value }) => toHex(value))).toEqual(
          options.map(({ value }) => toHex(value)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('gives one of three outcomes for any bytes and never reads options outside them', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .tuple(
          fc.constantFrom(0x40, 0x50, 0x60, 0x70, 0x41, 0x48),
          fc.uint8Array({ minLength: 3, maxLength: 80 }),
        )
        .map(([first, rest]) => Uint8Array.of(first, ...rest)),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        const parsed = new ParsedMessage();
        const outcome = parseMessage(bytes, parsed);
        expect([0, 1, 2]).toContain(outcome);
        if (outcome !== parseOutcome.ok) return;
        let last = 0;
        new ReceivedMessage(bytes, parsed.payloadStart).scan((number, start, end) => {
          expect(number).toBeGreaterThanOrEqual(last);
          expect(start).toBeLessThanOrEqual(end);
          expect(end).toBeLessThanOrEqual(parsed.payloadStart);
          last = number;
          return true;
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses to write options out of order and tokens beyond eight bytes', () => {
    expect(() => encodeMessage({ type: 0, code: 1, messageId: 1, token: new Uint8Array(9) })).toThrow(
      RangeError,
    );
  });
});

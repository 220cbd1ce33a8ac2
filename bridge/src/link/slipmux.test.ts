import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnnotatedBytes,
  fromHex,
  joinBytes,
  readVectors,
  toHex,
} from '../../../test/support/vectors.ts';
import { encodeFrame, FrameDecoder } from './slipmux.ts';

interface Vectors {
  readonly encode: readonly {
    readonly name: string;
    readonly message: string;
    readonly bytes: AnnotatedBytes;
  }[];
  readonly decode: readonly {
    readonly name: string;
    readonly bad: number;
    readonly messages: readonly string[];
    readonly stream: AnnotatedBytes;
  }[];
}

const vectors = readVectors<Vectors>('slipmux.json');

function decode(pieces: readonly Uint8Array[]): { messages: Uint8Array[]; texts: string[]; bad: number } {
  const messages: Uint8Array[] = [];
  const texts: string[] = [];
  const decoder = new FrameDecoder({
    message: (bytes) => messages.push(bytes),
    diagnostic: (text) => texts.push(text),
  });
  for (const piece of pieces) decoder.push(piece);
  return { messages, texts, bad: decoder.framesBad };
}

describe('slipmux vectors', () => {
  for (const vector of vectors.encode) {
    it(`encodes: ${vector.name}`, () => {
      expect(toHex(encodeFrame(fromHex(vector.message)))).toBe(toHex(joinBytes(vector.bytes)));
    });
  }
  for (const vector of vectors.decode) {
    it(`decodes: ${vector.name}`, () => {
      const stream = joinBytes(vector.stream);
      const expected = { messages: vector.messages.map((text) => toHex(fromHex(text))), bad: vector.bad };
      const whole = decode([stream]);
      expect({ messages: whole.messages.map(toHex), bad: whole.bad }).toEqual(expected);
      const bytewise = decode([...stream].map((byte) => Uint8Array.of(byte)));
      expect({ messages: bytewise.messages.map(toHex), bad: bytewise.bad }).toEqual(expected);
    });
  }
});

describe('slipmux', () => {
  it('hands over diagnostic text without terminal escapes', () => {
    const frame = Uint8Array.of(0xc0, 0x0a, 0x1b, ...Buffer.from('[31mred\n\tgrün'), 0xc0);
    expect(decode([frame]).texts).toEqual(['\ufffd[31mred\n\tgrün']);
  });

  it('brings any messages through in order, whatever stands between the frames', () => {
    const message = fc.uint8Array({ minLength: 4, maxLength: 200 });
    const noise = fc
      .uint8Array({ maxLength: 20 })
      .map((bytes) => bytes.map((byte) => (byte === 0xa9 ? 0 : byte)));
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, message), { maxLength: 8 }), (parts) => {
        const pieces = parts.flatMap(([before, bytes]) => [Uint8Array.of(0xc0), before, encodeFrame(bytes)]);
        expect(decode(pieces).messages.map(toHex)).toEqual(parts.map(([, bytes]) => toHex(bytes)));
      }),
    );
  });

  it('never delivers a message that was not sent when bytes are lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 4, maxLength: 60 }), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 29 })),
        (messages, random) => {
          const sent = new Set(messages.map(toHex));
          const stream = Buffer.concat(messages.map((message) => encodeFrame(message)));
          const damaged = stream.filter(() => random.next().value !== 0);
          for (const received of decode([damaged]).messages) expect(sent).toContain(toHex(received));
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});

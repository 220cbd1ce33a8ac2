import { describe, expect, test } from 'vitest';
import { encodeMessage, ParsedMessage, parseMessage } from './codec.ts';
import { option } from './options.ts';
import { ReceivedMessage } from './received.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function receive(options: readonly { readonly number: number; readonly value: Uint8Array }[]) {
  const datagram = encodeMessage({ type: 0, code: 1, messageId: 1, options });
  const parsed = new ParsedMessage();
  parseMessage(datagram, parsed);
  return new ReceivedMessage(datagram, parsed.payloadStart, parsed.present);
}

const path = (...segments: string[]) =>
  segments.map((segment) => ({ number: option.uriPath, value: bytes(segment) }));

describe('a received message', () => {
  test('tells texts apart that lead to the same place, and is not misled by those before', () => {
    const texts = Array.from({ length: 2_000 }, (_, at) => `s${at}`);
    for (const text of [...texts, ...texts.toReversed()])
      expect(receive(path('a', text, 'a')).pathSegments).toEqual(['a', text, 'a']);
    expect(receive(path('', 'é', 'x'.repeat(200))).pathSegments).toEqual(['', 'é', 'x'.repeat(200)]);
  });

  test('knows what is absent, also beside options whose numbers share a bit with it', () => {
    const message = receive([{ number: option.uriHost, value: bytes('h') }, ...path('a')]);
    expect(option.proxyUri % 32).toBe(option.uriHost);
    expect(message.bytesOf(option.proxyUri)).toBeUndefined();
    expect(message.stringsOf(option.uriQuery)).toEqual([]);
    expect(message.uintOf(option.accept)).toBeUndefined();
    expect(message.allBytesOf(option.etag)).toEqual([]);
    expect(message.stringsOf(option.uriHost)).toEqual(['h']);
  });
});

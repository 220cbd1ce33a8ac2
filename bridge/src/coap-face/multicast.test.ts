import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CoreLink, encodeMessage, ParsedMessage, parseMessage, ReceivedMessage } from '../coap/index.ts';
import { createEndpoint, type Link } from '../link/index.ts';
import { createMulticastDiscovery } from './index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const text = (value: string) => new TextEncoder().encode(value);
const uriPath = 11;
const from = { address: '192.0.2.7', port: 40_000 };

interface Asked {
  readonly type?: number;
  readonly code?: number;
  readonly path?: readonly string[];
  readonly further?: readonly { readonly number: number; readonly value: Uint8Array }[];
  readonly messageId?: number;
}

function request({ type = 1, code = 1, path = ['.well-known', 'core'], further = [], messageId = 7 }: Asked) {
  const options = [...path.map((segment) => ({ number: uriPath, value: text(segment) })), ...further];
  return encodeMessage({ type, code, messageId, token: Uint8Array.of(9, 8), options });
}

function open(links: () => Promise<readonly CoreLink[]>) {
  const sent: { to: string; message: ReceivedMessage }[] = [];
  const link: Pick<Link, 'endpoint' | 'send' | 'flush'> = {
    endpoint: (address, port) => createEndpoint(address, port, false),
    send(to, bytes, start, end) {
      const data = bytes.slice(start, end);
      const parsed = new ParsedMessage();
      parseMessage(data, parsed);
      sent.push({
        to: `${to.address}:${to.port}`,
        message: new ReceivedMessage(data, parsed.payloadStart),
      });
    },
    flush: () => true,
  };
  const discovery = createMulticastDiscovery({ links, link, random: () => 0.5 });
  return { discovery, sent };
}

const twoLinks = async () => [
  { href: '/nodes', attributes: { rt: 'radon.nodes' } },
  { href: '/rd', attributes: { rt: 'core.rd' } },
];

test('answers after a leisure, as NON with the token, to whoever asked', async () => {
  const { discovery, sent } = open(twoLinks);
  discovery.receive(request({ further: [{ number: 15, value: text('rt=core.rd') }] }), from);
  await vi.advanceTimersByTimeAsync(2_499);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  const [{ to, message } = { to: '', message: undefined }] = sent;
  expect(to).toBe('192.0.2.7:40000');
  expect(message).toMatchObject({ type: 1, code: 0x45, contentFormat: 40 });
  expect(message?.token).toEqual(Uint8Array.of(9, 8));
  expect(new TextDecoder().decode(message?.payload)).toBe('</rd>;rt="core.rd"');
});

test('gives the first block of a long answer', async () => {
  const long = async () => Array.from({ length: 40 }, (_, i) => ({ href: `/nodes/n${i}`, attributes: {} }));
  const { discovery, sent } = open(long);
  discovery.receive(request({}), from);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent[0]?.message.payload).toHaveLength(256);
  expect(sent[0]?.message.uintOf(23)).toBe(0x0c);
  expect(sent[0]?.message.etag).toHaveLength(8);
});

test.each<[string, Asked]>([
  ['a confirmable request', { type: 0 }],
  ['another method', { code: 2 }],
  ['another path', { path: ['nodes'] }],
  ['a longer path', { path: ['.well-known', 'core', 'x'] }],
  ['another format', { further: [{ number: 17, value: Uint8Array.of(60) }] }],
  ['an unknown critical option', { further: [{ number: 9, value: Uint8Array.of(1) }] }],
  ['a request for another server', { further: [{ number: 35, value: text('coap://x/') }] }],
  ['a later block', { further: [{ number: 23, value: Uint8Array.of(0x16) }] }],
  ['no interest in answers', { further: [{ number: 258, value: Uint8Array.of(2) }] }],
  ['links that nobody has', { further: [{ number: 15, value: text('rt=none') }] }],
])('is silent to %s', async (_, asked) => {
  const { discovery, sent } = open(twoLinks);
  discovery.receive(request(asked), from);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toEqual([]);
});

test('is silent when it fails, and to bytes that are no message', async () => {
  const { discovery, sent } = open(async () => {
    throw new Error('broken');
  });
  discovery.receive(request({}), from);
  discovery.receive(Uint8Array.of(0xff), from);
  discovery.receive(new Uint8Array(0), from);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toEqual([]);
});

test('answers a repeated request once, and no more than 32 at a time', async () => {
  const { discovery, sent } = open(twoLinks);
  for (let messageId = 0; messageId < 100; messageId += 1) {
    discovery.receive(request({ messageId }), from);
    discovery.receive(request({ messageId }), from);
  }
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toHaveLength(32);
  expect(new Set(sent.map(({ message }) => message.messageId)).size).toBe(32);
  discovery.receive(request({}), from);
  discovery.close();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toHaveLength(32);
});

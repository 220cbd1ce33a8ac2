import { expect, test, vi } from 'vitest';
import { type CoapClient, type CoapResponse, ParsedMessage, ReceivedMessage } from '../coap/index.ts';
import { decodeFields } from '../fields/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import { createBoardLease } from './lease.ts';

const { signal } = new AbortController();
const owned = problemReply(new RadonError('OWNED', { owner: 'north', name: 'south' }));

function open(
  answers: { readonly code: number; readonly payload?: Uint8Array; readonly contentFormat?: number }[],
) {
  let nowMs = 1_000_000;
  const asked: unknown[] = [];
  const client: Pick<CoapClient, 'request'> = {
    async request({ path, payload = new Uint8Array(0) }) {
      asked.push([path, decodeFields(payload)]);
      const { code = 0x44, payload: body = new Uint8Array(0), contentFormat } = answers.shift() ?? {};
      const message = new ReceivedMessage(new Uint8Array(4), new ParsedMessage().payloadStart);
      return {
        code,
        payload: body,
        contentFormat,
        etag: undefined,
        maxAge: 0,
        message,
      } satisfies CoapResponse;
    },
  };
  const refused = vi.fn();
  const changed = vi.fn();
  const identity = { id: '1f', name: 'south' };
  const lease = createBoardLease({ identity, clock: () => nowMs, refused, changed });
  const keep = (laterMs: number) => {
    nowMs += laterMs;
    return lease.keep(client, signal);
  };
  const giveUp = () => lease.giveUp(client, signal);
  return { lease, keep, giveUp, asked, refused, changed };
}

test('a board is taken, and renewed three times before it would be free', async () => {
  const { keep, asked, lease } = open([]);
  for (const laterMs of [0, 5_000, 5_000, 9_999]) await keep(laterMs);
  expect(asked).toEqual(new Array(2).fill([['lease'], { id: '1f', name: 'south', ttlS: 30 }]));
  lease.forget();
  await keep(0);
  expect(asked).toHaveLength(3);
});

test('a board of another bridge is asked for again until it is free, and that is told once', async () => {
  const { keep, asked, lease, refused, changed } = open([owned, owned, { code: 0x44 }]);
  await keep(0);
  expect(lease.owner).toBe('north');
  await keep(5_000);
  expect(refused.mock.calls).toEqual([['The node belongs to the bridge north; south may not have it.']]);
  expect(changed).toHaveBeenCalledTimes(1);
  await keep(5_000);
  expect(lease.owner).toBeUndefined();
  expect(changed).toHaveBeenCalledTimes(2);
  await keep(5_000);
  expect(asked).toHaveLength(3);
});

test('a board that was taken is given up, once', async () => {
  const { keep, giveUp, asked } = open([]);
  await keep(0);
  await giveUp();
  await giveUp();
  expect(asked).toEqual([
    [['lease'], { id: '1f', name: 'south', ttlS: 30 }],
    [['lease'], { id: '1f', name: 'south', ttlS: 0 }],
  ]);
});

test.each([
  ['that another bridge has', [owned], false],
  ['that knows no lease', [{ code: 0x84 }], false],
  ['that was reset', [], true],
])('a board %s is left alone', async (_, answers, isReset) => {
  const { keep, giveUp, asked, lease } = open([...answers]);
  await keep(0);
  if (isReset) lease.forget();
  await giveUp();
  expect(asked).toHaveLength(1);
});

test('a node that knows no lease, or does not let it through, belongs to nobody', async () => {
  const forbidden = problemReply(new RadonError('FORBIDDEN_HERE'));
  const { keep, lease, refused } = open([{ code: 0x84 }, forbidden]);
  await keep(0);
  await keep(10_000);
  expect(lease.owner).toBeUndefined();
  expect(refused).not.toHaveBeenCalled();
});

test('without an identity nothing is asked', async () => {
  const lease = createBoardLease({
    identity: undefined,
    clock: () => 0,
    refused: () => undefined,
    changed: () => undefined,
  });
  const request = vi.fn();
  await lease.keep({ request }, signal);
  expect(request).not.toHaveBeenCalled();
});

import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../test/support/virtual-clock.ts';
import { createEndpoint } from '../link/link.ts';
import { encodeMessage } from './codec.ts';
import { code, messageType } from './codes.ts';
import { IncomingRequest } from './incoming.ts';
import { TransferTurns } from './transfer-turns.ts';
import type { CoapReply } from './types.ts';

const never = new AbortController().signal;

function createRequest(from: ReturnType<typeof createEndpoint>): IncomingRequest {
  const bytes = encodeMessage({ type: messageType.con, code: 3, messageId: 1 });
  const parsed = {
    payloadStart: bytes.length,
    present: -1,
    block1: 8,
    block2: -1,
    observe: -1,
    noResponse: -1,
    proxied: false,
    unknownCritical: -1,
  };
  return new IncomingRequest(bytes, from, parsed, -1, never);
}

const goOn = async (): Promise<CoapReply> => ({ code: code.continue });
const finish = async (): Promise<CoapReply> => ({ code: code.changed });

async function turnsOf(calls: Promise<CoapReply>): Promise<string> {
  return Promise.race([
    calls.then(() => 'answered'),
    new Promise<string>((resolve) => setTimeout(resolve, 5, 'waits')),
  ]);
}

describe('turns of block-wise transfers', () => {
  const one = createRequest(createEndpoint('one', 1, false));
  const two = createRequest(createEndpoint('two', 2, false));

  it('keeps the second client waiting until the transfer of the first has ended', async () => {
    const turns = new TransferTurns(createVirtualClock(1));
    await turns.take(one, goOn);
    const second = turns.take(two, finish);
    expect(await turnsOf(second)).toBe('waits');
    await turns.take(one, goOn);
    expect(await turnsOf(second)).toBe('waits');
    await turns.take(one, finish);
    expect(await turnsOf(second)).toBe('answered');
  });

  it('gives the turn away when its owner falls silent', async () => {
    const clock = createVirtualClock(1);
    const turns = new TransferTurns(clock);
    await turns.take(one, goOn);
    const second = turns.take(two, finish);
    await clock.advanceTo(900);
    expect(await turnsOf(second)).toBe('waits');
    await clock.advanceTo(1_100);
    expect(await turnsOf(second)).toBe('answered');
  });

  it('gives the turn away when passing on failed', async () => {
    const turns = new TransferTurns(createVirtualClock(1));
    await expect(turns.take(one, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(await turnsOf(turns.take(two, finish))).toBe('answered');
  });

  it('answers 5.03 when too many clients wait', async () => {
    const turns = new TransferTurns(createVirtualClock(1));
    await turns.take(one, goOn);
    for (let count = 0; count < 64; count += 1) void turns.take(two, finish);
    expect((await turns.take(two, finish)).code).toBe(code.serviceUnavailable);
  });
});

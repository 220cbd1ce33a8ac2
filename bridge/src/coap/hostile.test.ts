/** Whatever arrives, the context answers the next well-formed request. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../test/support/virtual-clock.ts';
import { createMemoryLinks, udpTiming } from '../link/index.ts';
import { encodeMessage } from './codec.ts';
import { code } from './codes.ts';
import { createCoapContext } from './context.ts';
import { option } from './options.ts';

const knownOptions = Object.values(option);

/** Messages that are well-formed on the outside, with options, blocks and tokens at random. */
const plausible = fc
  .record({
    type: fc.integer({ min: 0, max: 3 }),
    code: fc.constantFrom(1, 2, 3, 4, 5, 0x45, 0x5f, 0x84, 0x20, 0xc0),
    messageId: fc.integer({ min: 0, max: 5 }),
    token: fc.uint8Array({ maxLength: 8 }),
    options: fc.array(
      fc.record({
        number: fc.constantFrom(...knownOptions, 9, 65_001),
        value: fc.uint8Array({ maxLength: 5 }),
      }),
      { maxLength: 6 },
    ),
    payload: fc.uint8Array({ maxLength: 40 }),
  })
  .map(encodeMessage);

/** The same with bytes changed, cut or added. */
const damaged = fc
  .tuple(plausible, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(60))
  .map(([bytes, at, value, length]) => {
    const copy = Uint8Array.from(bytes);
    copy[at % copy.length] = value;
    return copy.subarray(0, Math.max(1, length));
  });

const anything = fc.oneof(plausible, damaged, fc.uint8Array({ maxLength: 60 }));

describe('hostile datagrams', () => {
  it('change nothing for who comes after', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 60 }), async (datagrams) => {
        const clock = createVirtualClock(1);
        const [near, far] = createMemoryLinks({ clock, timing: udpTiming });
        const errors: unknown[] = [];
        const context = createCoapContext(far, {
          clock,
          maxBody: 4_096,
          onHandlerError: (error) => errors.push(error),
          handler: (request) => ({
            code: code.content,
            payload: new TextEncoder().encode(
              `${request.path}${request.query}${request.accept}${request.body.length}`,
            ),
            subscribe: () => () => undefined,
          }),
        });
        const answers: number[] = [];
        near.attach({
          datagrams: (batch) => {
            const [, answer = 0, high, low] = batch.data[0] ?? [];
            if (high === 0xee && low === 0x77) answers.push(answer);
          },
        });
        const send = (bytes: Uint8Array): void => {
          if (near.remote !== undefined) near.send(near.remote, bytes, 0, bytes.length);
        };
        for (const bytes of datagrams) send(bytes);
        send(encodeMessage({ type: 0, code: 1, messageId: 0xee77 }));
        await clock.advanceTo(600_000);
        expect(answers).toEqual([code.content]);
        expect(errors).toEqual([]);
        await context.close();
      }),
      { numRuns: 300 },
    );
  });
});

/** Client and server over a link that loses, repeats and reorders, in virtual time: seeded, so a failure can be repeated. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../../test/support/virtual-clock.ts';
import {
  createMemoryLinks,
  type LinkTiming,
  type MemoryLinkFaults,
  serialTiming,
  udpTiming,
} from '../link/index.ts';
import { method } from '../tables/index.ts';
import { code, isSafe } from './codes.ts';
import { createCoapContext } from './context.ts';
import { CoapError } from './errors.ts';
import { runLoad } from './load.ts';
import type { CoapContext, CoapHandler } from './types.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const fromText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function createPair(
  seed: number,
  faults: MemoryLinkFaults,
  timing: LinkTiming,
  handler: CoapHandler,
): {
  clock: VirtualClock;
  client: CoapContext;
  server: CoapContext;
} {
  const clock = createVirtualClock(seed);
  const [near, far] = createMemoryLinks({ clock, faults, timing });
  return {
    clock,
    client: createCoapContext(near, { clock, nstart: 8 }),
    server: createCoapContext(far, { clock, handler }),
  };
}

async function finished(clock: VirtualClock, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  const done = (): void => {
    isDone = true;
  };
  work.then(done, done);
  await clock.run(() => isDone, 1e9);
  await work;
}

describe('a lossy link', () => {
  it.each([1, 2, 3])(
    'executes each POST at most once and answers with its own reply (seed %i)',
    async (seed) => {
      const executions = new Map<string, number>();
      const faults = { loss: 0.15, duplication: 0.15, reordering: 0.1, delayMs: 20 };
      const { clock, client, server } = createPair(seed, faults, udpTiming, (request) => {
        const name = fromText(request.body);
        executions.set(name, (executions.get(name) ?? 0) + 1);
        const reply = { code: code.changed, payload: request.body };
        if (name.length % 3 !== 0) return reply;
        const delayMs = (name.length % 7) * 100;
        return new Promise((resolve) => clock.wakeAt(clock.now() + delayMs, () => resolve(reply)));
      });
      let failed = 0;
      const post = async (worker: number): Promise<void> => {
        for (let round = 0; round < 60; round += 1) {
          const name = `${worker}-${round}-${'x'.repeat((worker * 7 + round * 3) % 30)}`;
          try {
            const response = await client.request({ method: method.POST, path: '/x', payload: text(name) });
            expect(fromText(response.payload)).toBe(name);
            expect(executions.get(name)).toBe(1);
          } catch (error) {
            if (!(error instanceof CoapError)) throw error;
            failed += 1;
          }
        }
      };
      await finished(clock, Promise.all(Array.from({ length: 16 }, (_, worker) => post(worker))));
      expect([...executions.values()].every((count) => count === 1)).toBe(true);
      expect(failed).toBeLessThan(10);
      expect(server.counters.duplicates).toBeGreaterThan(100);
      expect(client.counters.retransmissions).toBeGreaterThan(100);
    },
  );

  it('brings block-wise bodies through unharmed', async () => {
    const { clock, client } = createPair(
      5,
      { loss: 0.1, duplication: 0.1, reordering: 0.1 },
      udpTiming,
      (request) => ({
        code: code.content,
        payload: isSafe(request.code) ? text('y'.repeat(9_000)) : request.body,
      }),
    );
    const upload = async (letter: string): Promise<void> => {
      const payload = text(letter.repeat(4_000));
      const response = await client.request({
        method: method.PUT,
        path: `/${letter}`,
        payload,
        blockSize: 128,
      });
      expect(fromText(response.payload)).toBe(letter.repeat(4_000));
    };
    const download = async (): Promise<void> => {
      const response = await client.request({ method: method.GET, path: '/y', blockSize: 64 });
      expect(fromText(response.payload)).toBe('y'.repeat(9_000));
    };
    await finished(clock, Promise.all([upload('a'), upload('b'), download(), download()]));
  });

  it('answers every one of 12 clients on a serial line that drops one byte in 2,000', async () => {
    const timing = serialTiming(115_200);
    const { clock, client } = createPair(6, { byteLoss: 1 / 2_000, baud: 115_200 }, timing, (request) => ({
      code: code.content,
      payload: text(`${request.path} ${'z'.repeat(200)}`),
    }));
    client.setNstart(4);
    const run = runLoad({
      connect: async () => client,
      keepOpen: true,
      clock,
      clients: 12,
      rounds: 15,
      request: { method: method.GET, path: '/node' },
    });
    await finished(clock, run);
    const result = await run;
    expect(result).toMatchObject({
      clients: 12,
      sent: 180,
      answered: 180,
      lost: 0,
      errors: 0,
      codes: { '2.05': 180 },
    });
    expect(result.retransmissions).toBeGreaterThan(0);
    expect(result.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(180);
  });
});

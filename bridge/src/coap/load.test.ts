import { describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../../test/support/virtual-clock.ts';
import { createMemoryLinks, udpTiming } from '../link/index.ts';
import type { LoadProgress } from '../load/index.ts';
import { method } from '../tables/index.ts';
import { code } from './codes.ts';
import { createCoapContext } from './context.ts';
import { type LoadOptions, type LoadResult, runLoad } from './load.ts';
import type { CoapClient, CoapHandler } from './types.ts';

const request = { method: method.GET, path: '/' };

/** Each client on a link of its own, 10 ms each way. */
function connectTo(clock: VirtualClock, handler: CoapHandler): LoadOptions['connect'] {
  return async (): Promise<CoapClient> => {
    const [near, far] = createMemoryLinks({ clock, faults: { delayMs: 10 }, timing: udpTiming });
    createCoapContext(far, { clock, handler });
    return createCoapContext(near, { clock });
  };
}

async function finish(clock: VirtualClock, run: Promise<LoadResult>): Promise<LoadResult> {
  let result: LoadResult | undefined;
  run.then((value) => {
    result = value;
  });
  await clock.run(() => result !== undefined, 1e9);
  return run;
}

describe('load engine', () => {
  it('runs so many rounds per client and counts codes and latencies', async () => {
    const clock = createVirtualClock(1);
    const connect = connectTo(clock, () => ({ code: code.notFound }));
    const result = await finish(clock, runLoad({ connect, clock, clients: 3, rounds: 5, request }));
    expect(result).toMatchObject({
      clients: 3,
      sent: 15,
      answered: 15,
      errors: 15,
      lost: 0,
      codes: { '4.04': 15 },
    });
    expect(result.latency.p50).toBeCloseTo(20, 0);
    expect(result.elapsedMs).toBeCloseTo(100, 0);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('ends when the time is over and reports progress meanwhile', async () => {
    const clock = createVirtualClock(1);
    const connect = connectTo(clock, () => ({ code: code.content }));
    const seen: number[] = [];
    const onProgress = ({ answered }: LoadProgress): void => void seen.push(answered);
    const result = await finish(clock, runLoad({ connect, clock, durationMs: 1_000, request, onProgress }));
    expect(result.answered).toBeGreaterThan(45);
    expect(result.elapsedMs).toBeCloseTo(1_000, -1);
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect(seen.at(-1)).toBe(result.answered);
  });

  it('keeps to a rate', async () => {
    const clock = createVirtualClock(1);
    const connect = connectTo(clock, () => ({ code: code.content }));
    const result = await finish(
      clock,
      runLoad({ connect, clock, clients: 10, durationMs: 1_000, ratePerSecond: 40, request }),
    );
    expect(result.answered).toBeGreaterThan(35);
    expect(result.answered).toBeLessThanOrEqual(41);
  });

  it('counts what takes too long as lost', async () => {
    const clock = createVirtualClock(1);
    const connect = connectTo(clock, () => new Promise(() => undefined));
    const result = await finish(clock, runLoad({ connect, clock, rounds: 2, timeoutMs: 500, request }));
    expect(result).toMatchObject({ sent: 2, answered: 0, lost: 2, failures: { TIMEOUT: 2 } });
  });

  it('ends early when aborted, with what there is', async () => {
    const clock = createVirtualClock(1);
    const connect = connectTo(clock, () => ({ code: code.content }));
    const controller = new AbortController();
    clock.wakeAt(500, () => controller.abort());
    const result = await finish(
      clock,
      runLoad({ connect, clock, rounds: 1e6, request, signal: controller.signal }),
    );
    expect(result.answered).toBeGreaterThan(20);
    expect(result).toMatchObject({ sent: result.answered + 1, unfinished: 1, lost: 0 });
  });
});

import { describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../../test/support/virtual-clock.ts';
import { generateLoad, type LoadClient, type LoadEnd, type LoadRunSettings } from './load.ts';
import type { LoadOutcome, LoadProgress } from './result.ts';

const answer: LoadOutcome = { code: '200', isError: false, bytes: 5, retransmissions: 0 };
const usualMs = 2;

/** Clients of a server that takes 2 ms for an answer, but between `stallAt` and `stallUntil` not at all. */
function stallingServer(
  clock: VirtualClock,
  stallAt = 0,
  stallUntil = 0,
  serviceMs = usualMs,
): LoadRunSettings['connect'] {
  const client: LoadClient = {
    request: (signal) =>
      new Promise((resolve) => {
        const now = clock.now();
        const at = now >= stallAt && now < stallUntil ? stallUntil : now + serviceMs;
        clock.wakeAt(at, () => resolve(answer));
        signal.onabort = () => resolve({ isError: true, bytes: 0, retransmissions: 0 });
      }),
    close: async () => undefined,
  };
  return async () => client;
}

async function finish(
  clock: VirtualClock,
  settings: Omit<LoadRunSettings, 'clock'>,
): Promise<LoadEnd['result']> {
  let end: LoadEnd | undefined;
  const run = generateLoad({ ...settings, clock }).then((value) => {
    end = value;
    return value;
  });
  await clock.run(() => end !== undefined, 1e9);
  return (await run).result;
}

describe('an open loop', () => {
  it('shows a server that stalls one second of ten, which a closed loop hides', async () => {
    const clock = createVirtualClock(1);
    const connect = stallingServer(clock, 5_000, 6_000, 8);
    const open = await finish(clock, { connect, clients: 4, ratePerSecond: 100, durationMs: 10_000 });
    // A tenth of the requests were due during the stall: they waited half a second on average.
    expect(open.latency.p50).toBeLessThan(9);
    expect(open.latency.p99).toBeGreaterThan(850);
    expect(open.latency.max).toBeCloseTo(1_000, 0);
    expect(open).toMatchObject({ sent: 1_000, answered: 1_000, lost: 0, unfinished: 0 });
    expect(open.openLoop).toMatchObject({ ratePerSecond: 100, due: 1_000, unsent: 0 });
    // Four were under way; the others of that second began when the first of these were answered.
    expect(open.openLoop?.late).toBeGreaterThanOrEqual(95);
    expect(open.openLoop?.lateForClients).toBe(open.openLoop?.late);
    expect(open.openLoop?.fromSending.p99).toBeLessThan(9);

    const other = createVirtualClock(1);
    const closed = await finish(other, {
      connect: stallingServer(other, 5_000, 6_000, 8),
      clients: 4,
      durationMs: 10_000,
    });
    expect(closed.latency.max).toBeCloseTo(1_000, 0);
    expect(closed.latency.p99).toBeLessThan(9);
    expect(closed.openLoop).toBeUndefined();
  });

  it('sends what was due up to a second after the time is over, and counts what is left', async () => {
    const clock = createVirtualClock(1);
    const settings = { clients: 4, ratePerSecond: 100, durationMs: 1_000 };
    const soon = await finish(clock, { ...settings, connect: stallingServer(clock, 500, 1_500) });
    expect(soon).toMatchObject({ sent: 100, answered: 100, openLoop: { due: 100, unsent: 0 } });
    expect(soon.elapsedMs).toBeCloseTo(1_524, 0);

    const other = createVirtualClock(1);
    const late = await finish(other, { ...settings, connect: stallingServer(other, 500, 2_100) });
    expect(late).toMatchObject({ sent: 54, answered: 54, lost: 0, openLoop: { due: 100, unsent: 46 } });
    expect(late.elapsedMs).toBeCloseTo(2_100, 0);
  });

  it('lasts as long as it is asked to, whenever the last request was', async () => {
    const clock = createVirtualClock(1);
    const result = await finish(clock, {
      connect: stallingServer(clock),
      ratePerSecond: 1,
      durationMs: 9_500,
    });
    expect(result).toMatchObject({
      answered: 10,
      elapsedMs: 9_500,
      openLoop: { due: 10, late: 0, unsent: 0 },
    });
  });

  it('sends each when it is due, by the client that was free last', async () => {
    const clock = createVirtualClock(1);
    const used = new Set<number>();
    const connect: LoadRunSettings['connect'] = async (index) => {
      const client = await stallingServer(clock)(index);
      return {
        ...client,
        request: (signal) => {
          used.add(index);
          return client.request(signal);
        },
      };
    };
    const result = await finish(clock, { connect, clients: 50, ratePerSecond: 7.5, durationMs: 2_000 });
    expect(result).toMatchObject({ sent: 15, answered: 15 });
    expect(result.openLoop).toMatchObject({ due: 15, late: 0, unsent: 0 });
    expect(result.openLoop?.latestMs).toBeLessThan(1);
    expect(result.latency.max).toBeCloseTo(usualMs, 5);
    expect(used.size).toBe(1);
  });

  it('tells when it is late itself, with clients that wait', async () => {
    const clock = createVirtualClock(1);
    // Nothing wakes this process for 20 ms.
    const paused: VirtualClock = {
      ...clock,
      wakeAt: (at: number, wake: () => void) => clock.wakeAt(at >= 500 && at < 520 ? 520 : at, wake),
    };
    const connect = stallingServer(paused);
    const result = await finish(paused, { connect, clients: 30, ratePerSecond: 1_000, durationMs: 1_000 });
    expect(result.openLoop).toMatchObject({ due: 1_000, late: 20, lateForClients: 0, unsent: 0 });
    expect(result.openLoop?.latestMs).toBeCloseTo(20, 5);
  });
});

describe('a run', () => {
  it('waits for what is under way when its time is over, and loses what does not come', async () => {
    const clock = createVirtualClock(1);
    const connect = stallingServer(clock, 600, 1e6);
    const progress: LoadProgress[] = [];
    const result = await finish(clock, {
      connect,
      clients: 3,
      durationMs: 1_000,
      timeoutMs: 700,
      onProgress: (now) => progress.push(now),
    });
    expect(result).toMatchObject({ lost: 3, unfinished: 0, failures: { TIMEOUT: 3 } });
    expect(result.sent).toBe(result.answered + 3);
    expect(result.elapsedMs).toBeCloseTo(1_000, 0);
    expect(result.perSecond).toBeCloseTo(result.answered, 0);
    expect(progress.length).toBe(6);
    expect(progress.at(-1)).toMatchObject({ lost: 3, answered: result.answered });
  });

  it('loses a request that takes too long and goes on', async () => {
    const clock = createVirtualClock(1);
    const connect = stallingServer(clock, 100, 1_000);
    const result = await finish(clock, { connect, durationMs: 2_000, timeoutMs: 250 });
    expect(result).toMatchObject({ failures: { TIMEOUT: 3 }, lost: 3 });
    expect(result.latency.max).toBeCloseTo(150, -1);
    expect(result.answered).toBeGreaterThan(400);
  });

  it('ends at once when aborted: what is under way is unfinished', async () => {
    const clock = createVirtualClock(1);
    const controller = new AbortController();
    clock.wakeAt(500, () => controller.abort());
    const connect = stallingServer(clock, 300, 1e6);
    const { signal } = controller;
    const result = await finish(clock, { connect, clients: 3, rounds: 1e6, timeoutMs: 5_000, signal });
    expect(result).toMatchObject({ unfinished: 3, lost: 0, failures: {} });
    expect(result.sent).toBe(result.answered + 3);
    expect(result.elapsedMs).toBeCloseTo(500, 5);
  });

  it('makes no request when it was aborted before', async () => {
    const clock = createVirtualClock(1);
    const connect = stallingServer(clock);
    const result = await finish(clock, { connect, rounds: 5, signal: AbortSignal.abort() });
    expect(result).toMatchObject({ sent: 0, answered: 0, elapsedMs: 0, histogram: [] });
  });

  it('ends in time when every request fails at once', async () => {
    const client: LoadClient = {
      request: async () => ({ failure: 'ECONNREFUSED', isError: true, bytes: 0, retransmissions: 0 }),
      close: async () => undefined,
    };
    const { result } = await generateLoad({ connect: async () => client, clients: 10, durationMs: 50 });
    expect(result).toMatchObject({ answered: 0, failures: { ECONNREFUSED: result.sent } });
    expect(result.sent).toBeLessThanOrEqual(10 * 51);
  });

  it('ends with what there is when a client breaks, and tells why', async () => {
    const clock = createVirtualClock(1);
    let left = 10;
    const connect: LoadRunSettings['connect'] = async (index) => {
      const client = await stallingServer(clock)(index);
      return {
        ...client,
        request: async (signal) => {
          if (left-- === 0) throw new Error('no more ports');
          return client.request(signal);
        },
      };
    };
    let end: LoadEnd | undefined;
    void generateLoad({ connect, clock, clients: 2, rounds: 100 }).then((value) => {
      end = value;
    });
    await clock.run(() => end !== undefined, 1e9);
    expect(end?.cause).toEqual(new Error('no more ports'));
    expect(end?.result).toMatchObject({ sent: 11, lost: 0 });
  });

  it('closes the clients it has when another cannot be made', async () => {
    let closed = 0;
    const connect: LoadRunSettings['connect'] = async (index) => {
      if (index === 1) throw new Error('no socket');
      return {
        request: async () => answer,
        close: async () => {
          closed += 1;
        },
      };
    };
    await expect(generateLoad({ connect, clients: 3 })).rejects.toThrow('no socket');
    expect(closed).toBe(2);
  });
});

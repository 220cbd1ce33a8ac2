/** What every link must do, whatever it moves datagrams over. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Endpoint, Link, LinkEvents, LinkState } from './link.ts';

/** Two ends that are connected; the near one is point-to-point. */
export interface LinkPair {
  readonly near: Link;
  readonly far: Link;
}

export interface LinkContract {
  /** Datagrams sent in a burst all arrive. */
  readonly isLossless: boolean;
  /** Closing one end is noticed at the other. */
  readonly noticesClose: boolean;
}

interface Heard extends LinkEvents {
  readonly datagrams: (batch: Parameters<LinkEvents['datagrams']>[0]) => void;
  readonly received: string[];
  readonly from: Endpoint[];
  readonly states: LinkState[];
}

function listen(link: Link): Heard {
  const heard: Heard = {
    received: [],
    from: [],
    states: [],
    datagrams(batch) {
      for (let index = 0; index < batch.count; index += 1) {
        const from = batch.from[index];
        const data = batch.data[index];
        if (from === undefined || data === undefined) throw new Error('a hole in the batch');
        heard.from.push(from);
        heard.received.push(Buffer.from(data).toString('hex'));
      }
    },
    state: (state) => heard.states.push(state),
  };
  link.attach(heard);
  return heard;
}

function send(link: Link, to: Endpoint, hex: string): void {
  const bytes = Buffer.from(`ee${hex}ee`, 'hex');
  link.send(to, bytes, 1, bytes.length - 1);
}

export function testLinkContract(name: string, open: () => Promise<LinkPair>, contract: LinkContract): void {
  describe(`${name} link`, () => {
    let pair: LinkPair | undefined;

    afterEach(async () => {
      await pair?.near.close();
      await pair?.far.close();
    });

    /** Both ends attached, and the far end knowing whom to answer. */
    async function connect(): Promise<{
      near: Link;
      far: Link;
      nearHeard: Heard;
      farHeard: Heard;
      back: Endpoint;
      there: Endpoint;
    }> {
      pair = await open();
      const { near, far } = pair;
      const nearHeard = listen(near);
      const farHeard = listen(far);
      const there = near.remote;
      if (there === undefined) throw new Error('the near end has to be point-to-point');
      await expect.poll(() => near.state).toBe('up');
      await expect
        .poll(() => {
          if (farHeard.received.length === 0) {
            send(near, there, '40000000');
            near.flush();
          }
          return farHeard.received.length;
        })
        .toBeGreaterThan(0);
      const back = farHeard.from[0];
      if (back === undefined) throw new Error('no sender');
      farHeard.received.length = 0;
      return { near, far, nearHeard, farHeard, back, there };
    }

    it('carries datagrams of 4 to 1,152 bytes both ways, byte for byte', async () => {
      const { near, far, nearHeard, farHeard, back, there } = await connect();
      const small = '400112c0';
      const large = Buffer.alloc(1_152, Buffer.from('c0dbdcdd00ff', 'hex')).toString('hex');
      send(near, there, small);
      send(near, there, large);
      expect(near.flush()).toBe(true);
      send(far, back, large);
      send(far, back, small);
      expect(far.flush()).toBe(true);
      await expect.poll(() => farHeard.received.filter((hex) => hex !== '40000000')).toEqual([small, large]);
      await expect.poll(() => nearHeard.received).toEqual([large, small]);
    });

    it('gives the same endpoint for the same sender', async () => {
      const { near, far, farHeard, back, there } = await connect();
      send(near, there, '40010001');
      near.flush();
      await expect.poll(() => farHeard.received.includes('40010001')).toBe(true);
      expect(farHeard.from.every((from) => from === back)).toBe(true);
      expect(far.endpoint(back.address, back.port)).toBe(back);
      expect(near.endpoint(there.address, there.port)).toBe(there);
      expect(() => near.endpoint('nowhere', 1)).toThrow(RangeError);
    });

    it('takes one receiver', async () => {
      const { near } = await connect();
      expect(() => near.attach({ datagrams: () => undefined })).toThrow('has a receiver');
    });

    it('counts what passes', async () => {
      const { near, far, farHeard, there } = await connect();
      const before = { out: near.counters.datagramsOut, in: far.counters.datagramsIn };
      for (let id = 0; id < 10; id += 1) send(near, there, `4001000${id}`);
      near.flush();
      await expect.poll(() => farHeard.received.length).toBeGreaterThanOrEqual(10);
      expect(near.counters.datagramsOut - before.out).toBe(10);
      expect(far.counters.datagramsIn - before.in).toBeGreaterThanOrEqual(10);
    });

    if (contract.isLossless)
      it('keeps a burst whole and in order', async () => {
        const { near, farHeard, there } = await connect();
        const burst = Array.from({ length: 200 }, (_, id) => `4001${id.toString(16).padStart(4, '0')}`);
        for (const hex of burst) send(near, there, hex);
        near.flush();
        await expect.poll(() => farHeard.received.filter((hex) => hex.startsWith('4001'))).toEqual(burst);
      });

    it('closes once, drops what is sent afterwards, and says so', async () => {
      const { near, nearHeard, there } = await connect();
      await Promise.all([near.close(), near.close()]);
      send(near, there, '40010001');
      expect(near.flush()).toBe(true);
      expect(near.state).toBe('closed');
      expect(nearHeard.states.filter((state) => state === 'closed')).toHaveLength(1);
    });

    if (contract.noticesClose)
      it('notices when the other side is gone', async () => {
        const { near, far, nearHeard } = await connect();
        await far.close();
        await expect.poll(() => nearHeard.states.at(-1)).toMatch(/closed|down/);
        expect(near.state).not.toBe('up');
      });
  });
}

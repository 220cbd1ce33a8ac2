import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEndpoint } from '../link/link.ts';
import { Deduplication, entryState, hashBytes } from './deduplication.ts';

const lifetimeMs = 1_000;
const maxMessage = 1_152;
const reply = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

describe('deduplication', () => {
  it('keeps every live entry and its reply through growth, and forgets them after their lifetime', () => {
    const dedup = new Deduplication(lifetimeMs, maxMessage, 1 << 15);
    const endpoint = createEndpoint('a', 1, false);
    for (let id = 0; id < 5_000; id += 1) {
      const sequence = dedup.add(endpoint, id, id * 7, 0);
      const bytes = reply((id % 40) + 4, id & 0xff);
      dedup.setReply(sequence, bytes, 0, bytes.length);
    }
    expect([dedup.size, endpoint.retained]).toEqual([5_000, 1]);
    for (let id = 0; id < 5_000; id += 1) {
      const sequence = dedup.find(endpoint, id, id * 7);
      expect(sequence).toBe(id);
      expect(Buffer.from(dedup.reply(sequence)).equals(reply((id % 40) + 4, id & 0xff))).toBe(true);
    }
    dedup.expire(lifetimeMs);
    expect([dedup.size, endpoint.retained, dedup.find(endpoint, 5, 35)]).toEqual([0, 0, -1]);
  });

  it('grows in the middle of its ring', () => {
    const dedup = new Deduplication(lifetimeMs, maxMessage, 1 << 13);
    const endpoint = createEndpoint('a', 1, false);
    const add = (id: number, now: number): void => {
      const bytes = Uint8Array.of(id >> 8, id);
      dedup.setReply(dedup.add(endpoint, id, id, now), bytes, 0, 2);
    };
    for (let id = 0; id < 700; id += 1) add(id, 0);
    dedup.expire(lifetimeMs);
    for (let id = 700; id < 5_000; id += 1) add(id, lifetimeMs);
    for (let id = 700; id < 5_000; id += 1) {
      expect(dedup.find(endpoint, id, id)).toBe(id);
      expect([...dedup.reply(id)]).toEqual([id >> 8, id & 0xff]);
    }
  });

  it('tells endpoints, message IDs and hashes apart', () => {
    const dedup = new Deduplication(lifetimeMs, maxMessage, 16);
    const a = createEndpoint('a', 1, false);
    const b = createEndpoint('b', 1, false);
    const sequence = dedup.add(a, 1, 2, 0);
    expect(dedup.find(a, 1, 2)).toBe(sequence);
    expect([dedup.find(b, 1, 2), dedup.find(a, 2, 2), dedup.find(a, 1, 3)]).toEqual([-1, -1, -1]);
  });

  it('takes no more entries than its limit, and no more replies than it can hold', () => {
    const endpoint = createEndpoint('a', 1, false);
    const few = new Deduplication(lifetimeMs, maxMessage, 4);
    expect([0, 1, 2, 3, 4].map((id) => few.add(endpoint, id, 0, 0))).toEqual([0, 1, 2, 3, -1]);
    const many = new Deduplication(lifetimeMs, maxMessage, 4_096);
    let taken = 0;
    for (let id = 0; id < 4_096; id += 1) {
      const sequence = many.add(endpoint, id, 0, 0);
      if (sequence < 0) break;
      many.setReply(sequence, reply(1_024, 1), 0, 1_024);
      taken += 1;
    }
    expect(taken).toBeLessThan(4_096);
    expect(many.reply(many.find(endpoint, 0, 0))).toEqual(reply(1_024, 1));
  });

  it('takes no more than its limit in rings beside each other', () => {
    const dedup = new Deduplication(lifetimeMs, maxMessage, 1 << 15);
    const endpoint = createEndpoint('a', 1, false);
    for (let id = 0; id < 1 << 15; id += 1) {
      const sequence = dedup.add(endpoint, id, 0, 0);
      dedup.setReply(sequence, reply(0, 0), 0, 0);
      expect(sequence).toBe(id);
    }
    expect(dedup.add(endpoint, 1, 1, 0)).toBe(-1);
  });

  it('follows a plain map in any sequence of adding, finding and expiring', () => {
    const endpoints = [createEndpoint('a', 1, false), createEndpoint('b', 2, false)];
    const action = fc.record({
      endpoint: fc.integer({ min: 0, max: 1 }),
      id: fc.integer({ min: 0, max: 30 }),
      hash: fc.integer({ min: 0, max: 2 }),
      afterMs: fc.integer({ min: 0, max: 120 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const dedup = new Deduplication(lifetimeMs, maxMessage, 64);
        const model = new Map<string, { until: number; sequence: number }>();
        let now = 0;
        for (const { endpoint: index, id, hash, afterMs } of actions) {
          now += afterMs;
          dedup.expire(now);
          for (const [key, { until }] of model) if (until <= now) model.delete(key);
          const endpoint = endpoints[index];
          if (endpoint === undefined) throw new Error('no endpoint');
          const key = `${index}/${id}/${hash}`;
          const known = model.get(key);
          expect(dedup.find(endpoint, id, hash)).toBe(known?.sequence ?? -1);
          expect(dedup.size).toBe(model.size);
          if (known !== undefined || model.size === 64) continue;
          const sequence = dedup.add(endpoint, id, hash, now);
          model.set(key, { until: now + lifetimeMs, sequence });
          if (id % 2 === 0) dedup.acknowledge(sequence);
          expect(dedup.state(sequence)).toBe(id % 2 === 0 ? entryState.acknowledged : entryState.pending);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('follows a plain map through rings that fill, run empty and go', () => {
    const dedup = new Deduplication(lifetimeMs, maxMessage, 1 << 15);
    const endpoint = createEndpoint('a', 1, false);
    const model = new Map<number, { until: number; sequence: number }>();
    let now = 0;
    // Load comes and goes: up to some eight thousand entries live at once, and at times none.
    for (let step = 0; step < 40_000; step += 1) {
      now += step % 12_000 < 9_000 ? 0.125 : 1;
      dedup.expire(now);
      for (const [key, { until }] of model) {
        if (until > now) break;
        model.delete(key);
      }
      const id = Math.imul(step, 0x9e37) & 0x3fff;
      const known = model.get(id);
      expect(dedup.find(endpoint, id, id)).toBe(known?.sequence ?? -1);
      if (known !== undefined) continue;
      const sequence = dedup.add(endpoint, id, id, now);
      model.set(id, { until: now + lifetimeMs, sequence });
      dedup.setReply(sequence, Uint8Array.of(id >> 8, id), 0, 2);
      if (step % 16 !== 0) continue;
      expect([dedup.size, endpoint.retained]).toEqual([model.size, 1]);
      const [[oldest, { sequence: first }] = [0, { sequence: 0 }]] = model;
      expect([...dedup.reply(first)]).toEqual([oldest >> 8, oldest & 0xff]);
      expect([dedup.isLive(first), dedup.isLive(first - 1)]).toEqual([true, false]);
    }
    dedup.clear();
    expect([dedup.size, endpoint.retained]).toEqual([0, 0]);
  });

  it('hashes every byte', () => {
    expect(hashBytes(Uint8Array.of(1, 2, 3))).not.toBe(hashBytes(Uint8Array.of(1, 2, 4)));
    expect(hashBytes(new Uint8Array(0))).not.toBe(hashBytes(Uint8Array.of(0)));
  });
});

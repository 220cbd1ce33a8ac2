import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Fixture, openFixture } from './fixture.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture('collections.ts', 4096);
});

const call = (name: string, ...values: number[]) => fixture.call[name]?.(...values) ?? Number.NaN;
const collect = () => call('collect');

describe('runtime of atoms', () => {
  test('thousands of events that only make garbage leave the heap where it was', () => {
    call('waste', 20);
    collect();
    const before = fixture.heapTop();
    for (let event = 0; event < 5000; event += 1) {
      expect(call('waste', 1 + (event % 20))).toBeGreaterThan(0);
      collect();
      expect(fixture.heapTop()).toBe(before);
    }
  });

  test('a map and a set keep what a model keeps', () => {
    const map = new Map<number, number>();
    const set = new Set<number>();
    const steps = {
      put: (key: number, value: number) => {
        map.set(key, value);
        call('mapSet', key, value);
      },
      remove: (key: number) => expect(call('mapDelete', key)).toBe(map.delete(key) ? 1 : 0),
      add: (key: number) => {
        set.add(key);
        call('setAdd', key);
      },
      collect,
    };
    const names = Object.keys(steps) as (keyof typeof steps)[];
    const step = fc.tuple(fc.constantFrom(...names), fc.nat(15), fc.nat(999));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (list) => {
        for (const [name, key, value] of list) {
          steps[name](key, value);
          if (name === 'put') collect();
        }
        collect();
        for (let key = 0; key < 16; key += 1) {
          expect(call('mapGet', key)).toBe(map.get(key) ?? -1);
          expect(call('setHas', key)).toBe(set.has(key) ? 1 : 0);
        }
        expect(call('mapSize')).toBe(map.size);
      }),
      { numRuns: 100 },
    );
  });

  test('nested arrays live until they are dropped', () => {
    for (let row = 1; row <= 500; row += 1) {
      call('rowsPush', row % 7, 1);
      if (row > 5) call('rowsDrop');
      collect();
    }
    const lengths = [496, 497, 498, 499, 500].map((row) => row % 7);
    expect(call('rowsSum')).toBe(lengths.reduce((sum, length) => sum + length, 0));
  });

  test('a long list is marked without recursion, and its room comes back', () => {
    collect();
    const before = fixture.heapTop();
    for (let value = 1; value <= 100; value += 1) call('listPush', value);
    collect();
    expect(call('listSum')).toBe(5050);
    call('listClear');
    collect();
    expect(fixture.heapTop()).toBe(before);
  });

  test('an array that begins as static data can grow', () => {
    const sums = [10, 20, 30].map((value) => {
      collect();
      return call('grow', value);
    });
    expect(sums).toEqual([16, 36, 66]);
  });

  test('what was allocated by hand is not collected', () => {
    call('rawFill', 100, 7);
    call('waste', 20);
    collect();
    call('waste', 20);
    expect([call('rawByte', 0), call('rawByte', 99)]).toEqual([7, 7]);
  });

  test('what growing arrays leave behind serves again within the same handler', () => {
    expect(call('weave', 100)).toBe(9900);
    // About 50 nodes fit behind the arrays, the others into what the arrays grew out of.
    for (let value = 0; value < 80; value += 1) call('listPush', value);
    expect(call('listSum')).toBe(3160);
  });

  test('a full memory traps and touches nothing beyond it', () => {
    expect(() => {
      for (let value = 0; value < 1000; value += 1) call('listPush', value);
    }).toThrow('unreachable');
    expect(fixture.heapTop()).toBeLessThanOrEqual(4096);
    expect(fixture.heapTop()).toBeGreaterThan(4096 - 64);
  });
});

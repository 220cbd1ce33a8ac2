import { describe, expect, test } from 'vitest';
import type { Effect } from '../messages.ts';
import { EffectQueue } from './effect-queue.ts';

const line = (text: string): Effect => ({ kind: 'log', level: 1, source: 'a', line: text });
const notice = (path: string, index = 0): Effect => ({ kind: 'notify', index, path });
const reading = (channel: number, value: number): Effect => ({ kind: 'reading', channel, value });

describe('an effect queue', () => {
  test('gives effects in their order, once', () => {
    const queue = new EffectQueue();
    const effects = [line('1'), notice('x'), line('2')];
    for (const effect of effects) queue.push(effect);
    expect(queue.take()).toEqual(effects);
    expect(queue.isEmpty).toBe(true);
    expect(queue.take()).toEqual([]);
  });

  test('keeps one notice of a path and the newest reading of a channel', () => {
    const queue = new EffectQueue();
    for (let round = 0; round < 1000; round += 1) {
      queue.push(notice('x'));
      queue.push(reading(3, round));
      queue.push(notice('x', 1));
    }
    expect(queue.take()).toEqual([notice('x'), reading(3, 999), notice('x', 1)]);
  });

  test('keeps the lines that can still be read, and everything around them', () => {
    const queue = new EffectQueue();
    queue.push(notice('before'));
    for (let number = 1; number <= 100_000; number += 1) queue.push(line(String(number)));
    queue.push(notice('before'));
    const effects = queue.take();
    expect(effects[0]).toEqual(notice('before'));
    expect(effects.length).toBeLessThanOrEqual(400);
    const last = effects.slice(-200).map((effect) => (effect.kind === 'log' ? effect.line : ''));
    expect(last).toEqual(Array.from({ length: 200 }, (_, at) => String(99_801 + at)));
  });
});

import { openAtom, type TestAtom } from '@radon/toolchain/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let atom: TestAtom;
beforeEach(async () => {
  atom = await openAtom(import.meta.url);
});
afterEach(() => atom.close());

/** The states of the LED over time, one character a step: `-` off, `#` on. */
function watch(stepMs: number, steps: number): string {
  return Array.from({ length: steps }, () => {
    atom.advance(stepMs);
    return atom.channel('led0') === 0 ? '-' : '#';
  }).join('');
}

describe('blink', () => {
  test('changes the LED every half second', () => {
    expect(watch(250, 8)).toBe('-##--##-');
  });

  test('takes another period at once and keeps it over a restart', () => {
    expect(atom.put('period', '100').code).toBe('2.04');
    expect(watch(100, 4)).toBe('#-#-');
    atom.restart();
    expect(atom.get('period').text).toBe('100');
    expect(watch(100, 3)).toBe('#-#');
  });

  test.each(['9', '60001', 'fast', ''])('a period of "%s" is refused', (text) => {
    expect(atom.put('period', text).code).toBe('4.00');
    expect(atom.get('period').text).toBe('500');
  });

  test('leaves the LED dark when it stops', () => {
    atom.advance(500);
    expect(atom.channel('led0')).toBe(1);
    atom.stop();
    expect(atom.channel('led0')).toBe(0);
  });
});

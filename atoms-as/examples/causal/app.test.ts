import { openApplication, type TestApplication } from '@radon/toolchain/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let app: TestApplication;
beforeEach(async () => {
  app = await openApplication(import.meta.url);
});
afterEach(() => app.close());

const peers = ['ann', 'ben', 'cat'] as const;
const say = (peer: string, line: string) => app.post(`${peer}/say`, line);
const seen = (peer: string) => app.logs(peer);

/** A message as a peer would send it: its place, the members, what it had seen of each, the line. */
function message(place: number, clock: readonly number[], line: string): Uint8Array {
  const counts = clock.flatMap((count) => [count & 0xff, count >> 8]);
  return Uint8Array.from([place, clock.length, ...counts, ...new TextEncoder().encode(line)]);
}

describe('causal', () => {
  test('what one says all see, the speaker too', async () => {
    expect((await say('ann', 'hello')).code).toBe('2.04');
    for (const peer of peers) await vi.waitFor(async () => expect(await seen(peer)).toEqual(['hello']));
  });

  test('an answer that overtakes its question waits for it', async () => {
    // Ben has seen Ann's first line and answers; the answer is here before the line.
    await app.send('cat', message(1, [1, 1, 0], 'answer'));
    await vi.waitFor(async () => expect(await app.state('cat')).toMatchObject({ inbox: { waiting: 1 } }));
    expect(await seen('cat')).toEqual([]);
    await say('ann', 'question');
    await vi.waitFor(async () => expect(await seen('cat')).toEqual(['question', 'answer']));
  });

  test('lines that do not depend on each other wait for nothing', async () => {
    await app.send('cat', message(1, [0, 1, 0], 'one'));
    await app.send('cat', message(0, [1, 0, 0], 'other'));
    await vi.waitFor(async () => expect(await seen('cat')).toEqual(['one', 'other']));
  });

  test.each([
    ['empty', []],
    ['of another group', [0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 65]],
    ['of a member that is none', [3, 3, 1, 0, 0, 0, 0, 0, 65]],
    ['cut short', [0, 3, 1, 0]],
  ])('a message that is %s is refused', async (_, bytes) => {
    await app.send('cat', Uint8Array.from(bytes));
    await vi.waitFor(async () => expect(await app.state('cat')).toMatchObject({ inbox: { dropped: 1 } }));
    expect(await seen('cat')).toEqual([]);
  });

  test('thousands of lines need no more memory than the first', async () => {
    for (let turn = 0; turn < 1000; turn += 1) {
      const speaker = peers[turn % 3] ?? 'ann';
      await vi.waitFor(async () => expect((await say(speaker, `line ${turn}`)).code).toBe('2.04'));
    }
    for (const peer of peers) {
      await vi.waitFor(async () => expect((await app.get(`${peer}/latest`)).text).toBe('line 999'));
      expect(await app.state(peer)).toMatchObject({ restarts: 0, phase: 'SUSPENDED' });
    }
  });
});

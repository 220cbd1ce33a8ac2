import { openApplication, type TestApplication } from '@radon/toolchain/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let app: TestApplication;
beforeEach(async () => {
  app = await openApplication(import.meta.url);
});
afterEach(() => app.close());

type Pack = readonly { readonly n: string; readonly v: number }[];

/** The mean shown and the number of readings it knows. */
async function shown(): Promise<number[]> {
  return ((await app.get('report/mean')).json() as Pack).map(({ v }) => v);
}
const read = async (value: number): Promise<string> => (await app.post('intake/reading', String(value))).code;

/** Messages and requests in the inbox of a stage. */
async function queued(stage: string): Promise<number> {
  const { inbox } = (await app.state(stage)) as unknown as { inbox: { waiting: number; ready: number } };
  return inbox.waiting + inbox.ready;
}

describe('workflow', () => {
  test('the last stage shows the mean of the last four readings', async () => {
    for (const value of [100, 1, 2, 3, 4]) expect(await read(value)).toBe('2.04');
    await vi.waitFor(async () => expect(await shown()).toEqual([2.5, 5]));
  });

  test('a full last stage holds the whole line up, and nothing of what was taken is lost', async () => {
    expect((await app.put('report/hold', '2000')).code).toBe('2.04');
    const answers: Promise<string>[] = [];
    const isFull = async () => {
      answers.push(read(7));
      for (const stage of ['intake', 'smooth', 'report']) expect(await queued(stage)).toBe(4);
    };
    await vi.waitFor(isFull, { timeout: 1900, interval: 10 });
    expect((await app.post('intake/reading', '7')).error).toBe('INBOX_FULL');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['2.04']));
    await vi.waitFor(async () => expect(await shown()).toEqual([7, answers.length]), { timeout: 5000 });
  });

  test('thousands of readings need no more memory than the first', async () => {
    for (let turn = 0; turn < 2000; turn += 1) expect(await read(turn % 1000)).toBe('2.04');
    await vi.waitFor(async () => expect(await shown()).toEqual([997.5, 2000]));
    for (const stage of ['intake', 'smooth', 'report'])
      expect(await app.state(stage)).toMatchObject({
        restarts: 0,
        phase: 'SUSPENDED',
        inbox: { dropped: 0 },
      });
  });
});

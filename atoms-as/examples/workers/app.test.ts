import { openApplication, type TestApplication } from '@radon/toolchain/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let app: TestApplication;
beforeEach(async () => {
  app = await openApplication(import.meta.url);
});
afterEach(() => app.close());

const job = (body: string) => app.post('dispatcher/jobs', body);

describe('workers', () => {
  test('jobs are done in turns by a pool of three', async () => {
    const answers: string[] = [];
    for (const number of ['12345', '7', '90', '11']) answers.push((await job(number)).text);
    expect(answers).toEqual(['15 by worker~1', '7 by worker~2', '9 by worker~3', '2 by worker~1']);
  });

  test('several jobs are under way at once, each answered to its own request', async () => {
    const numbers = ['1', '20', '300', '4000'];
    const replies = await Promise.all(numbers.map(job));
    expect(replies.map(({ text }) => text.split(' ')[0])).toEqual(['1', '2', '3', '4']);
  });

  test.each(['seven', '-1', ''])('a job "%s" that no worker takes is refused', async (body) => {
    const { code, text } = await job(body);
    expect([code, text]).toEqual(['5.03', 'no worker did it']);
  });

  test('thousands of jobs need no more memory than the first', async () => {
    for (let turn = 0; turn < 2000; turn += 1) {
      expect((await job(String(turn % 10))).text).toBe(`${turn % 10} by worker~${1 + (turn % 3)}`);
    }
    for (const atom of ['dispatcher', 'worker'])
      expect(await app.state(atom)).toMatchObject({ restarts: 0, inbox: { dropped: 0, waiting: 0 } });
  });
});

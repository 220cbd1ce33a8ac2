import { openApplication, type TestApplication } from '@radon/toolchain/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let app: TestApplication;
beforeEach(async () => {
  app = await openApplication(import.meta.url);
});
afterEach(() => app.close());

const restarts = async () => Number((await app.get('supervisor/restarts')).text);

/** Names of the tasks that live. */
async function tasks(): Promise<string[]> {
  const { instances = [] } = (await app.state('task')) as { instances?: { instance: string }[] };
  return instances.map(({ instance }) => instance);
}

describe('supervisor', () => {
  beforeEach(() => vi.waitFor(async () => expect(await tasks()).toEqual(['task~1', 'task~2'])));

  test('spawns two tasks', async () => {
    expect(await restarts()).toBe(0);
  });

  test('starts another task for one that failed', async () => {
    await app.send('task~1', 'fail');
    await vi.waitFor(async () => expect(await tasks()).toEqual(['task~2', 'task~3']), { timeout: 5000 });
    await vi.waitFor(async () => expect(await restarts()).toBe(1));
    expect(await app.logs('supervisor')).toEqual(['task~1 is gone']);
  });

  test('goes on when all fail, again and again', async () => {
    for (let round = 0; round < 3; round += 1) {
      const names = await tasks();
      for (const name of names) await app.send(name, 'fail');
      await vi.waitFor(async () => expect(await restarts()).toBe(2 * (round + 1)), { timeout: 5000 });
      await vi.waitFor(async () => expect(await tasks()).toHaveLength(2));
    }
    expect(await app.state('supervisor')).toMatchObject({ restarts: 0, phase: 'SUSPENDED' });
  });

  test('dozens of failures need no more memory than the first', async () => {
    const before = await app.state('supervisor');
    const work = async () => {
      for (const name of await tasks()) await app.send(name, 'work');
      expect(await restarts()).toBeGreaterThan(24);
    };
    await vi.waitFor(work, { timeout: 20_000, interval: 1 });
    const { memory, restarts: own } = await app.state('supervisor');
    expect({ memory, own }).toEqual({ memory: before.memory, own: 0 });
  });

  test('a task that nobody asked for does not start', async () => {
    await app.send('task', 'beat');
    await vi.waitFor(async () => expect(await app.logs('task')).toContain('nobody asked for this task'));
  });
});

import { openApplication, type TestApplication } from '@radon/toolchain/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let app: TestApplication;
beforeEach(async () => {
  app = await openApplication(import.meta.url);
});
afterEach(() => app.close());

const fahrenheit = async () => (await app.get('chain-b/fahrenheit')).text;

describe('chain', () => {
  test.each([
    ['21.5', '70.7'],
    ['-40', '-40'],
    ['0', '32'],
  ])('%s Celsius are shown as %s Fahrenheit', async (celsius, shown) => {
    expect((await app.post('chain-a/celsius', celsius)).code).toBe('2.04');
    await vi.waitFor(async () => expect(await fahrenheit()).toBe(shown));
  });

  test.each(['warm', '', '-300'])('"%s" goes no further than the first atom', async (text) => {
    expect((await app.post('chain-a/celsius', text)).code).toBe('4.00');
    expect(await app.state('chain-a')).toMatchObject({ sent: 0 });
  });

  test('thousands of messages need no more memory than the first', async () => {
    for (let turn = 0; turn < 2000; turn += 1) {
      expect((await app.post('chain-a/celsius', String(turn % 100))).code).toBe('2.04');
    }
    await vi.waitFor(async () => expect(await fahrenheit()).toBe('210.2'));
    expect(await app.state('chain-a')).toMatchObject({ sent: 2000, undelivered: 0, phase: 'SUSPENDED' });
    expect(await app.state('chain-b')).toMatchObject({ inbox: { done: 2000, dropped: 0 }, restarts: 0 });
  });

  test('a message that is no number is refused', async () => {
    expect((await app.send('chain-b', 'warm')).code).toBe('2.04');
    await vi.waitFor(async () => expect(await app.state('chain-b')).toMatchObject({ inbox: { dropped: 1 } }));
    expect((await app.get('chain-b/fahrenheit')).code).toBe('5.03');
  });
});

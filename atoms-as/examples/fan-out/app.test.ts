import { openApplication, type TestApplication } from '@radon/toolchain/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let app: TestApplication;
beforeEach(async () => {
  app = await openApplication(import.meta.url);
});
afterEach(() => app.close());

const press = async () => (await app.post('button/press', '')).code;
const count = async (path: string) => Number((await app.get(path)).text);

describe('fan-out', () => {
  test('one press reaches every member of the alias', async () => {
    await app.put('horn/armed', '1');
    expect(await press()).toBe('2.04');
    await vi.waitFor(async () => {
      expect(await count('lamp/flashes')).toBe(1);
      expect(await count('horn/blasts')).toBe(1);
    });
  });

  test('who joined late hears what comes then, who left hears no more', async () => {
    await press();
    await app.put('horn/armed', '1');
    await press();
    await app.put('horn/armed', '0');
    await press();
    await vi.waitFor(async () => expect(await count('lamp/flashes')).toBe(3));
    expect(await count('horn/blasts')).toBe(1);
  });

  test('members are shown with the alias', async () => {
    await app.put('horn/armed', '1');
    expect(await app.state('horn')).toMatchObject({ aliases: ['alarm'] });
    expect(await app.state('lamp')).toMatchObject({ aliases: ['alarm'] });
  });

  test('a member that refuses the message counts as missed', async () => {
    await app.put('horn/armed', '1');
    expect((await app.send('alarm', 'hello')).code).toBe('2.04');
    await vi.waitFor(async () => expect(await app.state('lamp')).toMatchObject({ inbox: { dropped: 1 } }));
    expect(await count('horn/blasts')).toBe(1);
  });

  test('thousands of presses need no more memory than the first', async () => {
    await app.put('horn/armed', '1');
    for (let turn = 1; turn <= 1000; turn += 1) expect(await press()).toBe('2.04');
    await vi.waitFor(async () => expect(await count('lamp/flashes')).toBe(1000));
    await vi.waitFor(async () => expect(await count('horn/blasts')).toBe(1000));
    expect(await count('button/missed')).toBe(0);
    for (const atom of ['button', 'lamp', 'horn'])
      expect(await app.state(atom)).toMatchObject({ restarts: 0 });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openApplication } from './index.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-open-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeApp(atoms: readonly object[]): string {
  count += 1;
  const file = join(folder, `app-${count}.json`);
  writeFileSync(file, JSON.stringify({ name: 'trial', nodes: { 'gauge-1': {} }, atoms }));
  return file;
}

describe('an application under test', () => {
  test('runs its atoms under the names and with the configurations it gives them', async () => {
    const file = writeApp([
      { atom: 'echo', name: 'voice' },
      { atom: 'echo', name: 'whisper', configuration: { limits: { body: 4 } } },
    ]);
    const app = await openApplication(file);
    try {
      expect((await app.post('voice/say', 'hello')).text).toBe('hello');
      expect((await app.post('whisper/say', 'hello')).error).toBe('TOO_LARGE');
      expect((await app.get('echo/say')).error).toBe('NO_SUCH_ATOM');
      expect((await app.send('nobody', 'hello')).error).toBe('NO_SUCH_ATOM');
    } finally {
      await app.close();
      await app.close();
    }
  });

  test('wrong fields of a configuration are told with their place', async () => {
    const file = writeApp([{ atom: 'echo', configuration: { limits: { pending: 99 } } }]);
    await expect(openApplication(file)).rejects.toThrow(/limits\.pending cannot be 99/);
  });

  test('an atom that does not start is told', async () => {
    const file = writeApp([{ atom: 'blink', configuration: { io: [] } }]);
    await expect(openApplication(file)).rejects.toThrow('blink failed while starting: UNREACHABLE in START');
  });

  test('an atom that is not there is told with those that are', async () => {
    await expect(openApplication(writeApp([{ atom: 'nothing' }]))).rejects.toThrow(
      'There is no atom nothing.',
    );
  });
});

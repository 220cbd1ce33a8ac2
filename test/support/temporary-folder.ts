import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TemporaryFolder {
  readonly path: string;
  /** Ends processes that work in the folder and removes it. */
  remove(): Promise<void>;
}

const reaper = fileURLToPath(new URL('reaper.mjs', import.meta.url));

/**
 * A folder that goes with the test. Emulators are detached and outlive whoever started them: a reaper in a process of its
 * own ends those that work in the folder also when the test process is interrupted or killed.
 */
export function makeTemporaryFolder(): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'radon-test-')));
  const child = spawn(process.execPath, [reaper, path], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  const ended = once(child, 'exit');
  return {
    path,
    async remove() {
      child.stdin.end();
      await ended;
    },
  };
}

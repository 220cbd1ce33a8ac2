import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventually, within } from './deadline.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const reaper = fileURLToPath(new URL('reaper.mjs', import.meta.url));

describe('a temporary folder', () => {
  it('goes with the processes that work in it', async () => {
    const folder = makeTemporaryFolder();
    const inside = spawn('sleep', ['600'], { cwd: folder.path });
    const outside = spawn('sleep', ['600']);
    try {
      const ended = once(inside, 'exit');
      await once(outside, 'spawn');
      await folder.remove();
      expect(await within('the end of the process inside', 5_000, ended)).toEqual([null, 'SIGKILL']);
      expect(existsSync(folder.path)).toBe(false);
      expect(outside.exitCode ?? outside.signalCode).toBeNull();
    } finally {
      outside.kill('SIGKILL');
    }
  });

  it('goes also when the process that made it is killed', async () => {
    const folder = makeTemporaryFolder();
    const script = `
      const { spawn } = require('node:child_process');
      spawn(process.execPath, [${JSON.stringify(reaper)}, process.cwd()], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const maker = spawn(process.execPath, ['-e', script], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await within('the maker', 5_000, once(maker.stdout, 'data'));
    maker.kill('SIGKILL');
    await eventually('the folder is gone', () => !existsSync(folder.path));
    await folder.remove();
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordProcess } from '@radon/bridge/process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { lockLinks } from './lock.ts';

let folder: string;
let workspace: Workspace;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-lock-'));
  workspace = openWorkspace(folder);
  file = join(workspace.folder('run'), 'links.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Every attempt takes or leaves the lock; nothing else stays in the folder. */
const left = () => readdirSync(join(workspace.radon, 'run'));

describe('the lock on serial lines', () => {
  it('is there until it is given back', async () => {
    const unlock = await lockLinks(workspace);
    expect(left()).toEqual(['links.lock']);
    unlock();
    expect(left()).toEqual([]);
  });

  it('is refused while another holds it, with the process that does', async () => {
    await lockLinks(workspace);
    await expect(lockLinks(workspace, undefined, 0)).rejects.toMatchObject({
      message: `Another command (pid ${process.pid}) uses the boards.`,
      exitCode: 3,
    });
    expect(left()).toEqual(['links.lock']);
  });

  it('is had by one of many at a time', async () => {
    let holders = 0;
    let most = 0;
    const use = async () => {
      const unlock = await lockLinks(workspace);
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setImmediate(resolve));
      holders -= 1;
      unlock();
    };
    await Promise.all(Array.from({ length: 8 }, use));
    expect(most).toBe(1);
    expect(left()).toEqual([]);
  });

  it('is waited for until Ctrl-C', async () => {
    await lockLinks(workspace);
    const stop = new AbortController();
    const waiting = lockLinks(workspace, stop.signal);
    stop.abort(new Error('Ctrl-C'));
    await expect(waiting).rejects.toThrow();
    expect(left()).toEqual(['links.lock']);
  });

  it.each([
    ['a process that ended', JSON.stringify({ pid: 1, startTime: 'before' })],
    ['nobody', '{}'],
    ['half a record', '{"pid":'],
    ['nothing', ''],
  ])('of %s is taken over', async (_who, text) => {
    writeFileSync(file, text);
    const unlock = await lockLinks(workspace, undefined, 0);
    unlock();
    expect(existsSync(file)).toBe(false);
  });

  it('of a process that was killed is taken over', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    writeFileSync(file, JSON.stringify(recordProcess(other.pid ?? 0)));
    await expect(lockLinks(workspace, undefined, 0)).rejects.toMatchObject({ exitCode: 3 });
    other.kill('SIGKILL');
    await once(other, 'exit');
    (await lockLinks(workspace, undefined, 0))();
  });
});

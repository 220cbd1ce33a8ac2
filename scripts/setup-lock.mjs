// One set-up of a checkout at a time: two at once would take the packages away from under each other.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './root.mjs';

const lock = join(root, '.radon', 'setup.lock');
const pollMs = 200;

/** Runs `work` when no other process of this checkout is setting up. */
export async function alone(work) {
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 });
  for (let isFirst = true; !take(); isFirst = false) {
    if (isFirst)
      console.error(`Waiting for another set-up to end (process ${holder()}, .radon/setup.lock) …`);
    await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isRunning(holder())) return false;
    rmSync(lock, { force: true });
    return take();
  }
}

function holder() {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return 0;
  }
}

function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

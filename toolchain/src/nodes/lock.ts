import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessRecord, recordProcess } from '@radon/bridge/process';
import { unreachable } from '../failure.ts';
import type { Workspace } from '../workspace.ts';

const patienceMs = 10_000;
const pollMs = 50;

/**
 * Keeps other commands off the boards' serial lines until the returned function is called. A lock whose process is
 * gone is taken over; waits for a short while (`withinMs`) for one that is not.
 */
export async function lockLinks(
  workspace: Workspace,
  signal?: AbortSignal,
  withinMs = patienceMs,
): Promise<() => void> {
  const file = join(workspace.folder('run'), 'links.lock');
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(recordProcess(process.pid)), { mode: 0o600 });
  try {
    const deadline = performance.now() + withinMs;
    while (!takeLock(file, own)) {
      const holder = holderOf(file);
      if (holder === undefined) dropStale(file, own);
      else if (performance.now() > deadline) throw inUse(holder);
      else await sleep(pollMs, undefined, signal && { signal });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

function inUse({ pid }: ProcessRecord): Error {
  return unreachable(
    `Another command (pid ${pid}) uses the boards.`,
    'Wait for it to end. While a bridge runs (radon bridge), commands share the boards.',
  );
}

/** A hard link appears whole or not at all, and never over another. */
function takeLock(file: string, own: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when the lock is gone, unreadable or left behind by a process that ended. */
function holderOf(file: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord;
    return isRunning(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Moves a stale lock aside; what was moved is looked at again, for another command may have renewed it meanwhile. */
function dropStale(file: string, own: string): void {
  const aside = `${own}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (holderOf(aside) !== undefined) takeLock(file, aside);
  rmSync(aside, { force: true });
}

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessRecord, takeProcessLock } from '@radon/bridge/process';
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
  const deadline = performance.now() + withinMs;
  for (;;) {
    const lock = takeProcessLock(file);
    if (lock.isTaken) return lock.release;
    if (performance.now() > deadline) throw inUse(lock.holder);
    await sleep(pollMs, undefined, signal && { signal });
  }
}

function inUse({ pid }: ProcessRecord): Error {
  return unreachable(
    `Another command (pid ${pid}) uses the boards.`,
    'Wait for it to end. While a bridge runs (radon bridge), commands share the boards.',
  );
}

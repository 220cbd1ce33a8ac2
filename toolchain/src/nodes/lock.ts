import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '../failure.ts';
import { isRunning, type ProcessRecord, recordProcess } from '../process/record.ts';
import type { Workspace } from '../workspace.ts';

const patienceMs = 10_000;

function holderOf(file: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord;
    return isRunning(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Keeps other commands off the boards' serial lines until the returned function is called. A lock whose process is
 * gone is taken over; waits for a short while for one that is not.
 */
export async function lockLinks(workspace: Workspace): Promise<() => void> {
  const file = join(workspace.folder('run'), 'links.lock');
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(recordProcess(process.pid)), { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch {
      const holder = holderOf(file);
      if (holder === undefined) {
        rmSync(file, { force: true });
        continue;
      }
      if (Date.now() > deadline) {
        throw unreachable(
          `Another command (pid ${holder.pid}) uses the boards.`,
          'Wait for it to end, or start the bridge: then commands share.',
        );
      }
      await sleep(50);
    }
  }
}

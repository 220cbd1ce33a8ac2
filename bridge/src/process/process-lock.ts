/** A file that one process at a time holds. What a process that ended left behind is taken over. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isRunning, type ProcessRecord, recordProcess } from './process-record.ts';

export type ProcessLock =
  | { readonly isTaken: true; release(): void }
  | { readonly isTaken: false; readonly holder: ProcessRecord };

let locks = 0;

/** Takes the lock or tells who holds it, which may be this process itself. */
export function takeProcessLock(file: string): ProcessLock {
  locks += 1;
  const own = `${file}.${process.pid}.${locks}`;
  writeFileSync(own, JSON.stringify(recordProcess(process.pid)), { mode: 0o600 });
  try {
    while (!linked(own, file)) {
      const holder = holderOf(file);
      if (holder !== undefined) return { isTaken: false, holder };
      dropStale(file, own);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return { isTaken: true, release: () => rmSync(file, { force: true }) };
}

/** A hard link appears whole or not at all, and never over another. */
function linked(own: string, file: string): boolean {
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

/** Moves a stale lock aside and looks at it again: another process may have renewed it meanwhile. */
function dropStale(file: string, own: string): void {
  const aside = `${own}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (holderOf(aside) !== undefined) linked(aside, file);
  rmSync(aside, { force: true });
}

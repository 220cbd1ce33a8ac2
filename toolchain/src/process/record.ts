import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Names a process beyond the reuse of its number: pid and start time. */
export interface ProcessRecord {
  readonly pid: number;
  /** Opaque; equal for the same process. */
  readonly startTime: string;
}

/** Start time of a process in the kernel's terms, or undefined when there is none. */
export function processStartTime(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The command name may hold spaces and parentheses: fields count from the last ')'; start time is field 22.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

export function recordProcess(pid: number): ProcessRecord {
  return { pid, startTime: processStartTime(pid) ?? '' };
}

export function isRunning(record: ProcessRecord): boolean {
  return record.startTime !== '' && processStartTime(record.pid) === record.startTime;
}

/** Ends a recorded process and waits until it is gone; never touches another that got its number. */
export async function endProcess(record: ProcessRecord, graceMs = 2000): Promise<void> {
  if (!isRunning(record)) return;
  process.kill(record.pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (isRunning(record)) {
    if (Date.now() > deadline) process.kill(record.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

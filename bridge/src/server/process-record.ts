/** Names a process beyond the reuse of its number; the same records as the `radon` command writes. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessRecord {
  readonly pid: number;
  /** Opaque; equal for the same process. */
  readonly startTime: string;
}

export function recordProcess(pid: number): ProcessRecord {
  return { pid, startTime: processStartTime(pid) ?? '' };
}

export function isRunning(record: ProcessRecord): boolean {
  return record.startTime !== '' && processStartTime(record.pid) === record.startTime;
}

/** In the system's own terms; undefined when there is no such process. */
function processStartTime(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return startTimeOf(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** proc(5): field 22, counted from the last ")" because a command's name may hold spaces and parentheses. */
function startTimeOf(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

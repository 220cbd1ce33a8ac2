/** Names a process beyond the reuse of its number. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessRecord {
  readonly pid: number;
  /** Opaque; equal for the same process. */
  readonly startTime: string;
}

const pollMs = 10;

export function recordProcess(pid: number): ProcessRecord {
  return { pid, startTime: processStartTime(pid) ?? '' };
}

export function isRunning(record: ProcessRecord): boolean {
  const startTime = processStartTime(record.pid);
  return startTime !== undefined && startTime === record.startTime;
}

/**
 * Ends a recorded process and waits until it is gone, by force after `graceMs`; never touches another that got its
 * number.
 */
export async function endProcess(record: ProcessRecord, graceMs = 2000): Promise<void> {
  const deadline = performance.now() + graceMs;
  let signal: 'SIGTERM' | 'SIGKILL' | undefined = 'SIGTERM';
  while (isRunning(record)) {
    if (signal !== undefined) send(record.pid, signal);
    signal = performance.now() > deadline ? 'SIGKILL' : undefined;
    await sleep(pollMs);
  }
}

/** It may end by itself in the moment before. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
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

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  endProcess,
  isRunning,
  readBridgeRecord,
  recordProcess,
  removeBridgeRecord,
  writeBridgeRecord,
} from './index.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that says when it is ready. */
async function startProcess(program: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [
    '-e',
    `${program}; setInterval(() => {}, 1e6); console.log('ready')`,
  ]);
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

describe('a record of a process', () => {
  it('holds for this process, not for another with its number', () => {
    const own = recordProcess(process.pid);
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, startTime: `${own.startTime}0` })).toBe(false);
    expect(isRunning({ ...own, startTime: '' })).toBe(false);
  });

  it('ends the process, by force when it does not listen', async () => {
    const willing = await startProcess('');
    const deaf = await startProcess("process.on('SIGTERM', () => {})");
    for (const [child, graceMs] of [
      [willing, 2_000],
      [deaf, 50],
    ] as const) {
      const record = recordProcess(child.pid ?? 0);
      await endProcess(record, graceMs);
      expect(isRunning(record)).toBe(false);
    }
    await expect.poll(() => [willing.signalCode, deaf.signalCode]).toEqual(['SIGTERM', 'SIGKILL']);
  });

  it('never ends another process that got the number', async () => {
    const child = await startProcess('');
    await endProcess({ pid: child.pid ?? 0, startTime: 'another' }, 0);
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });
});

describe('the record of a bridge', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'radon-record-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const address = { url: 'http://127.0.0.1:1', coap: 'coap://127.0.0.1:2', token: 'secret' };
  const file = () => join(folder, 'run', 'bridge.json');

  it('is found while its process runs, readable by its owner alone', () => {
    writeBridgeRecord(folder, address);
    expect(readBridgeRecord(folder)).toEqual({ ...recordProcess(process.pid), ...address });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    removeBridgeRecord(folder);
    expect(readBridgeRecord(folder)).toBeUndefined();
  });

  it.each(['', '{', '{}', 'null', '{"pid":1,"startTime":"before"}'])('that holds %s is none', (text) => {
    writeBridgeRecord(folder, address);
    writeFileSync(file(), text);
    expect(readBridgeRecord(folder)).toBeUndefined();
  });

  it('of another process is left alone', async () => {
    const child = await startProcess('');
    writeBridgeRecord(folder, address);
    writeFileSync(file(), JSON.stringify({ ...recordProcess(child.pid ?? 0), ...address }));
    removeBridgeRecord(folder);
    expect(readBridgeRecord(folder)?.pid).toBe(child.pid);
  });
});

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ProcessLock, takeProcessLock } from './process-lock.ts';
import { recordProcess } from './process-record.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function release(lock: ProcessLock): void {
  if (lock.isTaken) lock.release();
}

test('one holds it at a time, and leaves nothing behind', () => {
  const lock = takeProcessLock(file);
  expect(lock.isTaken).toBe(true);
  expect(takeProcessLock(file)).toMatchObject({ isTaken: false, holder: { pid: process.pid } });
  expect(readdirSync(folder)).toEqual(['lock']);
  release(lock);
  expect(readdirSync(folder)).toEqual([]);
  release(takeProcessLock(file));
});

test.each([
  ['of a process that ended', JSON.stringify({ pid: process.pid, startTime: 'another' })],
  ['that was cut short', JSON.stringify(recordProcess(process.pid)).slice(0, 9)],
  ['that is empty', ''],
])('a lock %s is taken over', (_, left) => {
  writeFileSync(file, left);
  const lock = takeProcessLock(file);
  expect(lock.isTaken).toBe(true);
  release(lock);
  expect(readdirSync(folder)).toEqual([]);
});

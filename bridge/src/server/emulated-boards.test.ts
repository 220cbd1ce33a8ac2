import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recordProcess } from '../process/index.ts';
import { watchEmulatedBoards } from './emulated-boards.ts';

let folder: string;
let stop = () => {};
beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'radon-emu-'));
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const running = recordProcess(process.pid);
const ended = { ...running, startTime: 'before' };

function record(name: string, process: typeof running, socket = '/run/serial'): void {
  mkdirSync(join(folder, 'emu', name), { recursive: true });
  writeFileSync(join(folder, 'emu', name, 'state.json'), JSON.stringify({ name, socket, ...process }));
}

function watch(): string[] {
  const told: string[] = [];
  stop = watchEmulatedBoards(folder, {
    appeared: ({ name, socket }) => told.push(`${name} at ${socket}`),
    vanished: ({ name }) => told.push(`${name} gone`),
  });
  return told;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('a board that is stopped stays, however long; it may be started again', async () => {
  record('gauge', running);
  const told = watch();
  record('gauge', ended);
  await pass(3_600_000);
  record('gauge', running);
  await pass(2_000);
  expect(told).toEqual(['gauge at /run/serial']);
});

test('one whose folder is gone, or that has another socket, goes', async () => {
  record('gauge', running);
  const told = watch();
  record('gauge', running, '/run/other');
  await pass(1_000);
  rmSync(join(folder, 'emu', 'gauge'), { recursive: true });
  await pass(1_000);
  expect(told).toEqual(['gauge at /run/serial', 'gauge gone', 'gauge at /run/other', 'gauge gone']);
});

test('one that does not run when it is first seen is none yet', async () => {
  record('gauge', ended);
  const told = watch();
  await pass(10_000);
  expect(told).toEqual([]);
  record('gauge', running);
  await pass(1_000);
  expect(told).toEqual(['gauge at /run/serial']);
});

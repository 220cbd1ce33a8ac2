/** What a developer waits for: `npm start` on a prepared tree, and `radon dev` from save to running. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { median, recordFigure, recordGoal } from './goals.mjs';

const root = new URL('../..', import.meta.url).pathname;
const radon = join(root, 'toolchain/bin/radon.js');
const ends: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Runs a program and resolves `line` with the first line of its output that matches. */
function run(args: readonly string[], cwd: string) {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const waiting: { pattern: RegExp; resolve(line: string): void }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      for (const entry of waiting.filter(({ pattern }) => pattern.test(line))) {
        waiting.splice(waiting.indexOf(entry), 1);
        entry.resolve(line);
      }
    });
  }
  ends.push(async () => {
    child.kill('SIGINT');
    await exited;
  });
  return {
    line: (pattern: RegExp) => new Promise<string>((resolve) => waiting.push({ pattern, resolve })),
    exited,
  };
}

test('npm start on a prepared tree', async () => {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now();
    const started = run(['scripts/start.mjs'], root);
    await started.line(/^✔ atom/);
    times.push(performance.now() - began);
    await ends.pop()?.();
  }
  recordGoal({
    name: 'npm start, atom running',
    value: Math.round(median(times)),
    unit: 'ms',
    goal: 3000,
    bound: 'most',
  });
  expect(times).toHaveLength(3);
}, 120_000);

test('radon dev, save to running', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'radon-bench-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{"dependencies":{"@radon/toolchain":"0.1.0"}}');
  const atom = join(folder, 'atoms', 'rain');
  mkdirSync(atom, { recursive: true });
  for (const file of ['atom.ts', 'atom.json'])
    copyFileSync(join(root, 'atoms-as/examples/rain', file), join(atom, file));
  const board = run([radon, 'emu', 'start', 'gauge-1'], folder);
  await board.exited;
  ends.push(async () => run([radon, 'emu', 'stop', 'gauge-1'], folder).exited);
  const dev = run([radon, 'dev', 'rain', '--json'], folder);
  await dev.line(/"totalMs"/);
  const source = readFileSync(join(atom, 'atom.ts'), 'utf8');
  const totals: number[] = [];
  const pushes: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const began = performance.now();
    const runs = dev.line(/"totalMs"/);
    writeFileSync(join(atom, 'atom.ts'), source.replace('threshold = 20', `threshold = ${21 + round}`));
    const { pushMs } = JSON.parse(await runs) as { pushMs: number };
    totals.push(performance.now() - began);
    pushes.push(pushMs);
  }
  recordGoal({
    name: 'radon dev, save to running',
    value: Math.round(median(totals)),
    unit: 'ms',
    goal: 1000,
    bound: 'most',
  });
  recordGoal({
    name: 'push of rain (2–3 KiB)',
    value: Math.round(median(pushes)),
    unit: 'ms',
    goal: 500,
    bound: 'most',
  });
  recordFigure('radon dev, slowest of 7', Math.round(Math.max(...totals)), 'ms');
  expect(totals).toHaveLength(7);
}, 120_000);

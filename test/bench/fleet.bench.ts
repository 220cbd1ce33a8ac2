/** Two hundred POSIX boards on one bridge, which is `radon bridge` in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readBridgeRecord } from '@radon/bridge/process';
import type { NodeState } from '@radon/bridge/registry';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { openTestProject } from '../support/test-project.ts';
import { median, recordFigure, recordGoal } from './goals.mjs';

const boardCount = 200;
const idleMs = 10_000;
const ticksPerSecond = 100;
const radon = new URL('../../toolchain/bin/radon.js', import.meta.url).pathname;
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** `radon bridge` in a project; it ends with the project's folder, also when this process is killed. */
async function startBridge(root: string, radonFolder: string) {
  const ports = ['--port', '0', '--coap-port', '0'];
  const child = spawn(process.execPath, [radon, 'bridge', ...ports], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  ends.push(async () => {
    child.kill('SIGINT');
    await ended;
  });
  const record = await eventually('the bridge', () => readBridgeRecord(radonFolder), 60_000);
  return { url: record.url, pid: record.pid };
}

const residentMib = (pid: number) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Processor time that a process took so far, seconds (proc(5): utime and stime). */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

async function readJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}

test(`${boardCount} POSIX boards on one bridge`, { timeout: 300_000 }, async () => {
  const project = await openTestProject();
  ends.push(() => project.close());
  const startedAt = performance.now();
  for (let at = 1; at <= boardCount; at += 1) await project.startBoard(`board-${at}`, 'posix');
  recordFigure(`${boardCount} POSIX boards: started in`, seconds(startedAt), 's');

  const openedAt = performance.now();
  const bridge = await startBridge(project.workspace.root, project.workspace.radon);
  const up = async () => {
    const nodes = await readJson<readonly NodeState[]>(`${bridge.url}/nodes`);
    return nodes.filter(({ kind, link }) => kind === 'device' && link === 'up').length;
  };
  await eventually('all boards up', async () => (await up()) === boardCount, 120_000).catch(() => undefined);
  recordFigure(`${boardCount} POSIX boards: up after the start of the bridge`, seconds(openedAt), 's');

  const took: number[] = [];
  for (let at = 1; at <= boardCount; at += 1) {
    const askedAt = performance.now();
    const answer = await readJson<object>(`${bridge.url}/nodes/board-${at}/node`).catch(() => undefined);
    if (answer !== undefined) took.push(performance.now() - askedAt);
  }
  const name = `${boardCount} POSIX boards on one bridge`;
  recordGoal({ name: `${name}: up`, value: await up(), unit: 'boards', goal: boardCount, bound: 'least' });
  recordGoal({
    name: `${name}: answer`,
    value: took.length,
    unit: 'boards',
    goal: boardCount,
    bound: 'least',
  });
  recordFigure(`${name}: answer through HTTP within, median`, median(took).toFixed(1), 'ms');
  await recordIdle(name, bridge.pid);
  expect(took.length).toBeGreaterThan(0);
});

async function recordIdle(name: string, pid: number): Promise<void> {
  const before = processorSeconds(pid);
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const share = (processorSeconds(pid) - before) / (idleMs / 1000);
  recordFigure(`${name}: processor while idle`, (100 * share).toFixed(1), '% of one');
  recordFigure(`${name}: resident memory`, residentMib(pid).toFixed(0), 'MiB');
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

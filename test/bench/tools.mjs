/** What the benchmark programs share: processes that are always ended, cores, load, medians of interleaved rounds. */
import { execFile, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const here = (path) => new URL(path, import.meta.url).pathname;
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const answerWithinMs = 30_000;

/** Whatever runs; it ends with this process, however that ends. */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

function keep(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

const hasTaskset = (() => {
  try {
    execFileSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    // One core, or no taskset: the scheduler decides; the interleaved rounds still see the same machine.
    return false;
  }
})();

/** The load and what stands behind the server run on core 0, the server that is measured on core 1. */
const onCore = (core, command, args) =>
  hasTaskset ? ['taskset', ['-c', String(core), command, ...args]] : [command, args];

/** Compiles NAME.c; the program's path. */
export function compile(name) {
  const folder = here('../../.radon/bench/');
  mkdirSync(folder, { recursive: true });
  execFileSync('cc', ['-O2', '-std=gnu11', '-Wall', '-o', `${folder}${name}`, here(`${name}.c`)]);
  return `${folder}${name}`;
}

/** A Node.js server of `servers/` that speaks `serve.mjs`. */
export async function startServer(script, { args = [], execArgv = [] } = {}) {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
  const child = keep(fork(here(`servers/${script}`), args.map(String), { stdio, execArgv }));
  const [first] = await once(child, 'message', { signal: AbortSignal.timeout(answerWithinMs) });
  if (hasTaskset) execFileSync('taskset', ['-a', '-cp', '1', String(child.pid)], { stdio: 'ignore' });
  return {
    ...first,
    pid: child.pid,
    async ask(question) {
      const answer = once(child, 'message', { signal: AbortSignal.timeout(answerWithinMs) });
      child.send(question);
      return (await answer)[0];
    },
    usage() {
      return this.ask('usage');
    },
    stop: () => end(child),
  };
}

/** Any other program on a core. */
export function startProgram(core, command, args, stdio = ['ignore', 'pipe', 'inherit']) {
  const child = keep(spawn(...onCore(core, command, args), { stdio }));
  return { child, stop: () => end(child) };
}

/** One run of coap-load: `{ port, method, path, outstanding, warmupMs, measureMs, payload }`. */
export async function loadCoap(program, options) {
  const { port, method, path, outstanding, warmupMs = 500, measureMs, payload = 0 } = options;
  const args = ['127.0.0.1', port, method, path, outstanding, 16, warmupMs, measureMs, payload];
  const { stdout } = await run(...onCore(0, program, args.map(String)));
  return JSON.parse(stdout);
}

/** One run of http-load: `{ port, method, path, isDistinct, connections, warmupMs, measureMs }`. */
export async function loadHttp(program, options) {
  const { port, path, method = 'GET', isDistinct = false, connections, warmupMs = 0, measureMs } = options;
  const args = [port, method, path, connections, warmupMs, measureMs, ...(isDistinct ? ['distinct'] : [])];
  const { stdout } = await run(...onCore(0, program, args.map(String)));
  return JSON.parse(stdout);
}

export const round = (value, digits = 0) => Number(value.toFixed(digits));
export { median, recordFigure, recordGoal } from './goals.mjs';

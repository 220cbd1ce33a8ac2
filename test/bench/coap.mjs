/**
 * CoAP servers against the floor that node:dgram sets: `node test/bench/coap.mjs [--json] [--rounds N] [--seconds S]
 * [--outstanding N]`. Rounds are interleaved, the load comes from a C program on the other core, and every figure of one
 * run is a ratio to the floor of that run. Needs `npm run build` and a C compiler.
 */
import { execFile, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const here = (path) => new URL(path, import.meta.url).pathname;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    outstanding: { type: 'string', default: '16' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const warmupMs = 500;
const sourcePorts = 16;
const answerTimeoutMs = 10_000;

const contenders = [
  { name: 'floor', script: 'servers/floor.mjs' },
  { name: 'radon', script: 'servers/radon.mjs' },
  { name: 'npm-coap', script: 'servers/npm-coap.mjs' },
];
/** Ratios to the floor that have to be reached. */
const goals = { get: 0.8, post: 0.75 };

function buildLoad() {
  const folder = here('../../.radon/bench/');
  mkdirSync(folder, { recursive: true });
  execFileSync('cc', ['-O2', '-std=gnu11', '-Wall', '-o', `${folder}coap-load`, here('coap-load.c')]);
  return `${folder}coap-load`;
}

/** Servers on one core, the load on the other, where the system lets us. */
function pin(pid, core) {
  try {
    execFileSync('taskset', ['-a', '-cp', String(core), String(pid)], { stdio: 'ignore' });
  } catch {
    // Without taskset the scheduler decides; the interleaved rounds still see the same machine.
  }
}

async function startServer(script) {
  const child = fork(here(script), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ port }] = await once(child, 'message', { signal: AbortSignal.timeout(answerTimeoutMs) });
  pin(child.pid, 1);
  return { child, port };
}

async function usage({ child }) {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(answerTimeoutMs) });
  child.send('usage');
  const [message] = await answer;
  return message;
}

async function measure(load, server, method) {
  const before = await usage(server);
  const { stdout } = await run('taskset', [
    '-c',
    '0',
    load,
    '127.0.0.1',
    String(server.port),
    method,
    values.outstanding,
    String(sourcePorts),
    String(warmupMs),
    String(seconds * 1000),
  ]);
  const after = await usage(server);
  const served = after.served - before.served;
  return {
    ...JSON.parse(stdout),
    cpuUsPerRequest: (after.cpuUs - before.cpuUs) / served,
    rssBytes: after.rssBytes,
  };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A server is started afresh for every round: none profits from, or suffers under, what it remembers of the last. */
async function measureRound(load, method) {
  const results = {};
  for (const { name, script } of contenders) {
    const server = await startServer(script);
    results[name] = await measure(load, server, method);
    const exited = once(server.child, 'exit');
    server.child.kill();
    await exited;
  }
  return results;
}

function summarise(method, measured) {
  return contenders.map(({ name }) => {
    const runs = measured.map((round) => round[name]);
    const ratios = measured.map((round) => round[name].perSecond / round.floor.perSecond);
    return {
      method,
      server: name,
      perSecond: Math.round(median(runs.map((one) => one.perSecond))),
      ratio: Number(median(ratios).toFixed(3)),
      cpuUsPerRequest: Number(median(runs.map((one) => one.cpuUsPerRequest)).toFixed(1)),
      p50Us: median(runs.map((one) => one.latencyUs.p50)),
      p99Us: median(runs.map((one) => one.latencyUs.p99)),
      lost: runs.reduce((sum, one) => sum + one.lost, 0),
      errors: runs.reduce((sum, one) => sum + one.errors, 0),
    };
  });
}

const load = buildLoad();
const results = [];
for (const method of Object.keys(goals)) {
  const measured = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await measureRound(load, method));
  results.push(...summarise(method, measured));
}
const judged = Object.entries(goals).map(([method, goal]) => {
  const { ratio } = results.find((result) => result.method === method && result.server === 'radon');
  return { name: `coap-server-${method}`, value: ratio, goal, reached: ratio >= goal };
});

if (values.json)
  console.log(JSON.stringify({ outstanding: Number(values.outstanding), results, goals: judged }));
else {
  console.table(results);
  for (const { name, value, goal, reached } of judged) {
    console.log(`${reached ? 'reached' : 'missed'} ${name} ${value} ${goal}`);
  }
}
process.exitCode = judged.every(({ reached }) => reached) ? 0 : 1;

/**
 * The HTTP → CoAP proxy against the floor of node:http and a trivial client: `node test/bench/proxy.mjs [--json]
 * [--rounds N] [--seconds S]`. Uncached GETs over 64 connections to one upstream; rounds are interleaved, every server is
 * fresh, load and upstream are C programs. Needs `npm run build`, a C compiler and wrk.
 */
import { execFile, execFileSync, fork, spawn } from 'node:child_process';
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
  },
});
const goal = 0.75;
const connections = '64';
const contenders = [
  { name: 'floor', script: 'servers/proxy-floor.mjs' },
  { name: 'radon', script: 'servers/proxy-radon.mjs' },
];

function hasWrk() {
  try {
    // wrk prints its version and exits 1.
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return error.code !== 'ENOENT';
  }
}

async function startUpstream() {
  const folder = here('../../.radon/bench/');
  mkdirSync(folder, { recursive: true });
  execFileSync('cc', ['-O2', '-Wall', '-o', `${folder}coap-responder`, here('coap-responder.c')]);
  const child = spawn('taskset', ['-c', '0', `${folder}coap-responder`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { child, port: String(line).trim() };
}

async function usage(child) {
  child.send('usage');
  const [message] = await once(child, 'message');
  return message;
}

async function measure(script, upstreamPort) {
  const child = fork(here(script), [upstreamPort], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ port }] = await once(child, 'message');
  execFileSync('taskset', ['-a', '-cp', '1', String(child.pid)], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/nodes/far/a/rain/level`;
  const load = (seconds) =>
    run('taskset', ['-c', '0', 'wrk', '-t1', `-c${connections}`, `-d${seconds}`, '--latency', url]);
  await load(1);
  const before = await usage(child);
  const { stdout } = await load(values.seconds);
  const after = await usage(child);
  const exited = once(child, 'exit');
  child.kill();
  await exited;
  return resultOf(stdout, after.cpuUs - before.cpuUs);
}

function resultOf(stdout, cpuUs) {
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const failed = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    cpuUsPerRequest: cpuUs / requests,
    p99: /99%\s+(\S+)/.exec(stdout)?.[1],
    failed,
  };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function summarise(measured) {
  return contenders.map(({ name }) => {
    const runs = measured.map((round) => round[name]);
    return {
      server: name,
      perSecond: Math.round(median(runs.map((one) => one.perSecond))),
      ratio: Number(
        median(measured.map((round) => round[name].perSecond / round.floor.perSecond)).toFixed(3),
      ),
      cpuUsPerRequest: Number(median(runs.map((one) => one.cpuUsPerRequest)).toFixed(1)),
      p99: runs.at(-1).p99,
      failed: runs.reduce((sum, one) => sum + one.failed, 0),
    };
  });
}

async function main() {
  if (!hasWrk()) {
    console.error('skipped: wrk is not installed (Debian: apt-get install wrk)');
    return;
  }
  const upstream = await startUpstream();
  const measured = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const results = {};
    for (const { name, script } of contenders) results[name] = await measure(script, upstream.port);
    measured.push(results);
  }
  upstream.child.kill();
  report(summarise(measured));
}

function report(results) {
  const { ratio } = results.find(({ server }) => server === 'radon');
  const reached = ratio >= goal;
  if (values.json) {
    const goals = [{ name: 'http-proxy-get', value: ratio, goal, reached }];
    console.log(JSON.stringify({ connections: Number(connections), results, goals }));
  } else {
    console.table(results);
    console.log(`${reached ? 'reached' : 'missed'} http-proxy-get ${ratio} ${goal}`);
  }
  process.exitCode = reached ? 0 : 1;
}

await main();

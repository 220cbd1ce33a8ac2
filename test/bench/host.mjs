/**
 * Atoms on the host node: `node test/bench/host.mjs [--json] [--rounds N] [--seconds S]`. An atom's echo against a plain
 * handler behind the same server, over 32 connections, in interleaved rounds; then messages between two atoms while
 * nothing else happens. Needs `npm run build` and wrk.
 */
import { execFile, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
  },
});
const goal = 0.9;
const least = 0.75;
const post = new URL('post.lua', import.meta.url).pathname;
const paths = { plain: 'nodes/plain/a/echo/do', atom: 'nodes/bridge/a/echo/do' };

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function hasWrk() {
  try {
    // wrk prints its version and exits 1.
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return error.code !== 'ENOENT';
  }
}

async function ask(server, question) {
  server.send(question);
  const [answer] = await once(server, 'message');
  return answer;
}

async function load(server, port, path) {
  const url = `http://127.0.0.1:${port}/${path}?sixteen-bytes-ok`;
  const before = await ask(server, 'usage');
  const { stdout } = await run('wrk', ['-t1', '-c32', `-d${values.seconds}`, '--latency', '-s', post, url]);
  const after = await ask(server, 'usage');
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    cpuUsPerRequest: (after.cpuUs - before.cpuUs) / requests,
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
  };
}

async function measureEcho(server, port) {
  for (const path of Object.values(paths)) await load(server, port, path);
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const results = {};
    for (const [name, path] of Object.entries(paths)) results[name] = await load(server, port, path);
    rounds.push(results);
  }
  return rounds;
}

async function measureMessages(server) {
  await ask(server, 'play');
  await sleep(1000);
  const { messages: before } = await ask(server, 'messages');
  const began = performance.now();
  await sleep(2000);
  const { messages: after } = await ask(server, 'messages');
  return Math.round((after - before) / ((performance.now() - began) / 1000));
}

function summarise(rounds) {
  return Object.keys(paths).map((name) => ({
    server: name,
    perSecond: Math.round(median(rounds.map((round) => round[name].perSecond))),
    cpuUsPerRequest: Number(median(rounds.map((round) => round[name].cpuUsPerRequest)).toFixed(1)),
    failed: rounds.reduce((sum, round) => sum + round[name].failed, 0),
  }));
}

async function main() {
  if (!hasWrk()) {
    console.error('skipped: wrk is not installed (Debian: apt-get install wrk)');
    return;
  }
  const script = new URL('servers/host-atom.mjs', import.meta.url).pathname;
  const server = fork(script, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ port }] = await once(server, 'message');
  const rounds = await measureEcho(server, port);
  const perSecond = await measureMessages(server);
  server.kill();
  const ratio = Number(median(rounds.map(({ atom, plain }) => atom.perSecond / plain.perSecond)).toFixed(3));
  report(summarise(rounds), ratio, perSecond);
}

function report(results, ratio, messages) {
  const reached = ratio >= least;
  if (values.json) {
    const between = { server: 'messages between two atoms', perSecond: messages, cpuUsPerRequest: '' };
    const goals = [{ name: `host-echo (goal ${goal})`, value: ratio, goal: least, reached }];
    console.log(JSON.stringify({ results: [...results, between], goals }));
  } else {
    console.table(results);
    console.log(`${messages} messages/s between two atoms`);
    console.log(`${reached ? 'reached' : 'missed'} host-echo ${ratio} ${least} (goal ${goal})`);
  }
  process.exitCode = reached ? 0 : 1;
}

await main();

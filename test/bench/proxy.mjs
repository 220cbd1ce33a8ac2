/**
 * HTTP in front of CoAP: `node test/bench/proxy.mjs [--rounds N] [--seconds S]`, 64 connections, one upstream. GETs of
 * which no two are equal against node:http and a trivial client; then one GET that the cache answers against a bare
 * fastify route that gives the same bytes. Rounds are interleaved, every server is fresh; the upstream counts what reaches
 * it. Needs `npm run build` and a C compiler.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import {
  compile,
  loadHttp,
  median,
  recordFigure,
  recordGoal,
  round,
  startProgram,
  startServer,
} from './tools.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' } },
});
const seconds = Number(values.seconds);
const connections = 64;
const mostP99 = 1.5;
const measurements = [
  {
    title: 'uncached GET',
    floor: { what: 'node:http and a trivial client', script: 'proxy-floor.mjs' },
    isDistinct: true,
    maxAge: 0,
    goal: 0.85,
    goalP99: mostP99,
  },
  {
    title: 'cached GET',
    floor: { what: 'a bare fastify route', script: 'fastify-route.mjs' },
    isDistinct: false,
    maxAge: 60,
    goal: 0.9,
  },
];
const radon = { what: 'radon bridge', script: 'proxy-radon.mjs' };

async function startUpstream(program, maxAge) {
  const { child, stop } = startProgram(0, program, [String(maxAge)]);
  const line = async () => Number(String((await once(child.stdout, 'data'))[0]));
  const port = await line();
  const answered = () => {
    const counted = line();
    child.kill('SIGUSR1');
    return counted;
  };
  return { port, stop, answered };
}

/** Until compilers are done: what happens every few seconds, such as a further source port, is news to them once. */
const warmupMs = 8_000;

async function measure({ script }, { isDistinct }, upstream) {
  const server = await startServer(script, { args: [upstream.port] });
  const load = { port: server.port, path: '/nodes/far/a/rain/level', isDistinct, connections };
  try {
    const [before, answered] = [await server.usage(), await upstream.answered()];
    const result = await loadHttp(httpLoad, { ...load, warmupMs, measureMs: seconds * 1_000 });
    const after = await server.usage();
    const cpuUs = (after.cpuUs - before.cpuUs) / result.all;
    return { ...result, cpuUs, upstream: ((await upstream.answered()) - answered) / result.all };
  } finally {
    await server.stop();
  }
}

async function measureRounds(program, measurement) {
  const upstream = await startUpstream(program, measurement.maxAge);
  const measured = [];
  for (let at = 0; at < Number(values.rounds); at += 1) {
    const floor = await measure(measurement.floor, measurement, upstream);
    measured.push({ floor, radon: await measure(radon, measurement, upstream) });
  }
  await upstream.stop();
  return measured;
}

function summarise(measured, name, what) {
  const of = (value) => median(measured.map((results) => value(results[name], results.floor)));
  const ratio = of((one, floor) => one.perSecond / floor.perSecond);
  const p99Ratio = of((one, floor) => one.p99Us / floor.p99Us);
  return {
    server: what,
    perSecond: of((one) => one.perSecond),
    ratio: round(ratio, 3),
    cpuUs: round(
      of((one) => one.cpuUs),
      1,
    ),
    p99Us: of((one) => one.p99Us),
    p99Ratio: round(p99Ratio, 2),
    upstream: round(
      of((one) => one.upstream),
      2,
    ),
    failed: measured.reduce((sum, results) => sum + results[name].failed, 0),
  };
}

function record({ title, goal, goalP99 }, rows) {
  for (const { server, perSecond, cpuUs, p99Us, upstream, failed } of rows) {
    const asked = `${upstream} requests upstream each`;
    const figures = `${perSecond}/s, ${cpuUs} µs CPU each, p99 ${p99Us} µs, ${asked}, ${failed} failed`;
    recordFigure(`HTTP ${title}: ${server}`, figures);
  }
  const { ratio, p99Ratio } = rows.at(-1);
  const name = `HTTP ${title}`;
  recordGoal({ name, value: ratio, unit: '× floor', goal, bound: 'least' });
  if (goalP99 !== undefined)
    recordGoal({ name: `${name}, p99`, value: p99Ratio, unit: '× floor', goal: goalP99, bound: 'most' });
}

const httpLoad = compile('http-load');
const program = compile('coap-responder');
for (const measurement of measurements) {
  const measured = await measureRounds(program, measurement);
  const rows = [
    summarise(measured, 'floor', measurement.floor.what),
    summarise(measured, 'radon', radon.what),
  ];
  console.log(`HTTP ${measurement.title}, ${connections} connections`);
  console.table(rows);
  record(measurement, rows);
}

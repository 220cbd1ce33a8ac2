/**
 * CoAP servers against the floor that node:dgram and a trivial codec set: `node test/bench/coap.mjs [--rounds N]`. The
 * layer is `createCoapContext` with a handler; the bridge is all of `radon bridge` in front of a node in its own process.
 * Rounds are interleaved and every server is fresh in each. Needs `npm run build`, a C compiler and libcoap's server.
 */
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  compile,
  loadCoap,
  median,
  recordFigure,
  recordGoal,
  round,
  sleep,
  startProgram,
  startServer,
} from './tools.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '4' } } });
const rounds = Number(values.rounds);
/** Until compilers are done. */
const warmupMs = 2_000;
const measureMs = 1_500;
const payload = 5;
const libcoap = '/usr/bin/coap-server-notls';

const serverGoals = { get: 0.9, put: 0.85, p99: 1.25 };
/** It does what a server does, asks a node, and writes down each change. */
const bridgeGoals = { get: 0.85, put: 0.7, p99: 2 };
/** Peers are there for comparison: two rounds say enough. */
const contenders = [
  { name: 'floor', what: 'node:dgram', script: 'floor.mjs', path: 'bench' },
  { name: 'layer', what: 'radon, layer', script: 'radon.mjs', path: 'bench', goals: serverGoals },
  {
    name: 'bridge',
    what: 'radon bridge',
    script: 'radon-bridge.mjs',
    path: 'nodes/n/bench',
    goals: bridgeGoals,
  },
  { name: 'npm', what: 'npm coap', script: 'npm-coap.mjs', path: 'bench', rounds: 2 },
  { name: 'libcoap', what: 'libcoap, C', start: startLibcoap, path: 'example_data', rounds: 2 },
].filter(({ start }) => start === undefined || existsSync(libcoap));
const mostGcPercent = 3;

/** A UDP port that is free now: libcoap's server does not tell which one it took. */
async function freePort() {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

async function startLibcoap() {
  const port = await freePort();
  const { stop } = startProgram(1, libcoap, ['-A', '127.0.0.1', '-p', String(port)], 'ignore');
  await sleep(200);
  return { port, stop, usage: undefined };
}

/** CPU and time in collections are those of the process that serves, warm-up left out. */
async function measure(load, { script, start, path }, method, outstanding) {
  const server = await (start ? start() : startServer(script));
  const run = { port: server.port, method, path, outstanding, payload: method === 'put' ? payload : 0 };
  try {
    await loadCoap(load, { ...run, warmupMs: 0, measureMs: warmupMs });
    const before = await server.usage?.();
    const result = await loadCoap(load, { ...run, warmupMs: 0, measureMs });
    const after = await server.usage?.();
    return { ...result, ...(before && costOf(before, after, result.all)) };
  } finally {
    await server.stop();
  }
}

/** Of time, not of processor time: both stretch alike where others use the machine. */
function costOf(before, after, requests) {
  const cpuUs = (after.cpuUs - before.cpuUs) / requests;
  return { cpuUs, gcPercent: (100 * (after.gcMs - before.gcMs)) / (after.atMs - before.atMs) };
}

async function measureRounds(load, method, outstanding) {
  const measured = [];
  for (let at = 0; at < rounds; at += 1) {
    const results = {};
    for (const contender of contenders) {
      if (at < (contender.rounds ?? rounds))
        results[contender.name] = await measure(load, contender, method, outstanding);
    }
    measured.push(results);
  }
  return measured;
}

/** Medians over the rounds; ratios are taken within each round. */
function summarise(measured, { name, what, goals }) {
  const played = measured.filter((results) => name in results);
  const of = (value) => median(played.map((results) => value(results[name], results.floor)));
  return {
    server: what,
    goals,
    perSecond: round(of((one) => one.perSecond)),
    ratio: round(
      of((one, floor) => one.perSecond / floor.perSecond),
      3,
    ),
    cpuUs: round(
      of((one) => one.cpuUs ?? Number.NaN),
      1,
    ),
    p99Us: of((one) => one.latencyUs.p99),
    p99Ratio: round(
      of((one, floor) => one.latencyUs.p99 / floor.latencyUs.p99),
      2,
    ),
    gcPercent: round(
      of((one) => one.gcPercent ?? Number.NaN),
      1,
    ),
    lost: played.reduce((sum, results) => sum + results[name].lost + results[name].errors, 0),
  };
}

function record(rows, method, outstanding) {
  const title = `${method.toUpperCase()}, ${outstanding} outstanding`;
  for (const { server, perSecond, cpuUs, p99Us, lost } of rows) {
    const cpu = Number.isNaN(cpuUs) ? '' : `, ${cpuUs} µs CPU each`;
    recordFigure(`CoAP ${title}: ${server}`, `${perSecond}/s${cpu}, p99 ${p99Us} µs, ${lost} lost`);
  }
  for (const { goals, ...row } of rows.filter((row) => row.goals !== undefined)) {
    const name = `CoAP ${title}: ${row.server}`;
    recordGoal({ name, value: row.ratio, unit: '× floor', goal: goals[method], bound: 'least' });
    recordGoal({
      name: `${name}, p99`,
      value: row.p99Ratio,
      unit: '× floor',
      goal: goals.p99,
      bound: 'most',
    });
    const gc = { value: row.gcPercent, unit: '% of the time', goal: mostGcPercent, bound: 'most' };
    recordGoal({ name: `${name}, collections`, ...gc });
  }
}

const load = compile('coap-load');
for (const outstanding of [16, 64]) {
  for (const method of ['get', 'put']) {
    const measured = await measureRounds(load, method, outstanding);
    const rows = contenders.map((contender) => summarise(measured, contender));
    console.log(`CoAP ${method.toUpperCase()}, ${outstanding} outstanding`);
    console.table(rows.map(({ goals: _, ...row }) => row));
    record(rows, method, outstanding);
  }
}

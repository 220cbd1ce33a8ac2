/**
 * Atoms on the host node: `node test/bench/host.mjs [--rounds N]`. An atom's echo against a plain handler behind the same
 * server, over 32 connections, in interleaved rounds; then messages between two atoms while nothing else happens. Needs
 * `npm run build` and a C compiler.
 */
import { parseArgs } from 'node:util';
import { compile, loadHttp, median, recordFigure, recordGoal, round, sleep, startServer } from './tools.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const load = compile('http-load');
/** The cache gives one answer to equal GETs that are under way: what is measured here is the atom. */
const echo = { method: 'POST', connections: 32 };
const paths = { plain: 'nodes/plain/a/echo/do', atom: 'nodes/bridge/a/echo/do' };

async function measure(server, path) {
  const before = await server.usage();
  const result = await loadHttp(load, {
    ...echo,
    port: server.port,
    path: `/${path}?sixteen-bytes-ok`,
    measureMs: 1_000,
  });
  const after = await server.usage();
  return { ...result, cpuUs: (after.cpuUs - before.cpuUs) / result.all };
}

async function measureEcho(server) {
  for (const path of Object.values(paths)) await measure(server, path);
  const measured = [];
  for (let at = 0; at < Number(values.rounds); at += 1) {
    const results = {};
    for (const [name, path] of Object.entries(paths)) results[name] = await measure(server, path);
    measured.push(results);
  }
  return measured;
}

async function measureMessages(server) {
  await server.ask('play');
  await sleep(1000);
  const { messages: before } = await server.ask('messages');
  const began = performance.now();
  await sleep(2000);
  const { messages: after } = await server.ask('messages');
  return round((after - before) / ((performance.now() - began) / 1000));
}

function summarise(measured, name) {
  const of = (value) => median(measured.map((results) => value(results[name])));
  const failed = measured.reduce((sum, results) => sum + results[name].failed, 0);
  return { server: name, perSecond: of((one) => one.perSecond), cpuUs: of((one) => one.cpuUs), failed };
}

const server = await startServer('host-atom.mjs');
const measured = await measureEcho(server);
const messages = await measureMessages(server);
await server.stop();
for (const name of Object.keys(paths)) {
  const { perSecond, cpuUs, failed } = summarise(measured, name);
  const figures = `${perSecond}/s, ${round(cpuUs, 1)} µs CPU each, ${failed} failed`;
  recordFigure(`echo on the host node: ${name}`, figures);
  console.log(`${name}: ${figures}`);
}
const ratio = median(measured.map(({ atom, plain }) => atom.perSecond / plain.perSecond));
const goal = { value: round(ratio, 3), unit: '× a plain handler', goal: 0.75, bound: 'least' };
recordGoal({ name: 'echo on the host node (wished for: 0.9)', ...goal });
recordFigure('messages between two atoms on the host node', messages, '/s');

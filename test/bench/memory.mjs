/**
 * A million requests through a bridge whose heap may have 256 MB: `node test/bench/memory.mjs [--requests N]`. Over HTTP
 * and CoAP, reads that reach the node, reads that are joined, changes; the resident memory must not grow. Needs
 * `npm run build` and a C compiler.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import {
  compile,
  loadCoap,
  loadHttp,
  median,
  recordFigure,
  recordGoal,
  round,
  startProgram,
  startServer,
} from './tools.mjs';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '1000000' } } });
const requests = Number(values.requests);
const warmup = requests * 0.3;
const path = 'nodes/far/a/rain/level';
const execArgv = ['--max-old-space-size=256'];

const coapLoad = compile('coap-load');
const httpLoad = compile('http-load');
const responder = startProgram(0, compile('coap-responder'), ['0']);
const upstream = Number(String((await once(responder.child.stdout, 'data'))[0]));
const bridge = await startServer('proxy-radon.mjs', { args: [upstream], execArgv });
const { coapPort } = await bridge.usage();

async function coap(method, measureMs) {
  const run = { port: coapPort, method, path, outstanding: 16, warmupMs: 0, measureMs, payload: 0 };
  const { all, errors, lost } = await loadCoap(coapLoad, run);
  return { requests: all, failed: errors + lost };
}

async function http(isDistinct) {
  const run = { port: bridge.port, path: `/${path}`, isDistinct, connections: 32, measureMs: 1_000 };
  const { all, failed } = await loadHttp(httpLoad, run);
  return { requests: all, failed };
}

/** Changes are remembered for four minutes each, as they must be: few of them, as in the field. */
const mix = [() => coap('get', 800), () => http(true), () => coap('put', 60), () => http(false)];

let done = 0;
let failed = 0;
const samples = [];
for (let turn = 0; done < requests; turn += 1) {
  const result = await mix[turn % mix.length]();
  done += result.requests;
  failed += result.failed;
  const { rssBytes } = await bridge.usage();
  samples.push({ done, mib: rssBytes / 2 ** 20 });
  console.log(`${done} requests, ${round(rssBytes / 2 ** 20)} MiB`);
}
await bridge.stop();
await responder.stop();

const later = samples.filter((sample) => sample.done >= warmup).map(({ mib }) => mib);
const quarter = Math.max(1, Math.floor(later.length / 4));
const [early, late] = [median(later.slice(0, quarter)), median(later.slice(-quarter))];
const name = `${done} requests over HTTP and CoAP under ${execArgv[0]}`;
recordFigure(
  `${name}: resident memory after warm-up, at the end, at most`,
  [early, late, Math.max(...later)].map((mib) => round(mib)).join(', '),
  'MiB',
);
recordFigure(`${name}: failed`, failed);
const growth = round(100 * (late / early - 1), 1);
recordGoal({ name: `${name}: growth of resident memory`, value: growth, unit: '%', goal: 10, bound: 'most' });

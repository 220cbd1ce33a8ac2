/**
 * A thousand listeners of one reading over server-sent events: `node test/bench/streams.mjs [--listeners N]`. The device
 * must be observed once, and every listener must hear every value. Needs `npm run build`.
 */
import { once } from 'node:events';
import { get } from 'node:http';
import { parseArgs } from 'node:util';
import { recordFigure, recordGoal, round, sleep, startServer } from './tools.mjs';

const { values } = parseArgs({ options: { listeners: { type: 'string', default: '1000' } } });
const count = Number(values.listeners);
const readings = 100;
/** Ten readings a second, each to a thousand listeners: what a machine with one core to spare can follow. */
const everyMs = 100;
const settleMs = 1_000;
const headers = { accept: 'text/event-stream' };

/** Opens a stream; `heard` collects the values of its events. */
async function listen(url) {
  const heard = [];
  const request = get(url, { headers, agent: false });
  const [response] = await once(request, 'response');
  if (response.statusCode !== 200) throw new Error(`a listener got ${response.statusCode}`);
  let text = '';
  response.setEncoding('utf8').on('data', (chunk) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop();
    for (const line of lines) if (line.startsWith('data:')) heard.push(readingOf(line.slice(5)));
  });
  return { heard, close: () => request.destroy() };
}

/** Text of a reading, as it is or as a JSON string. */
const readingOf = (data) => Number(data.trim().replaceAll('"', ''));

async function openListeners(url) {
  const listeners = [];
  while (listeners.length < count) {
    const some = Math.min(50, count - listeners.length);
    listeners.push(...(await Promise.all(Array.from({ length: some }, () => listen(url)))));
  }
  return listeners;
}

async function until(what, holds, withinMs) {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) return console.error(`not within ${withinMs} ms: ${what}`);
    await sleep(50);
  }
}

const device = await startServer('observed.mjs');
const bridge = await startServer('proxy-radon.mjs', { args: [device.port], execArgv: ['--expose-gc'] });
const url = `http://127.0.0.1:${bridge.port}/nodes/far/a/rain/level`;
const first = await listen(url);
await until('a first value', () => first.heard.length > 0, 10_000);
await sleep(settleMs);
const before = await bridge.usage();
const listeners = await openListeners(url);
await until('first values', () => listeners.every(({ heard }) => heard.length > 0), 30_000);
await sleep(settleMs);
const after = await bridge.usage();

for (let at = 0; at < readings; at += 1) {
  await device.ask('next');
  await sleep(everyMs);
}
await until('all values', () => listeners.every(({ heard }) => heard.at(-1) === readings), 30_000);
const busy = await bridge.usage();
const { most } = await device.usage();
const lost = listeners.map(({ heard }) => readings + 1 - new Set(heard).size);
for (const { close } of [first, ...listeners]) close();
await bridge.stop();
await device.stop();

const name = `SSE, ${count} listeners of one reading`;
const missed = lost.reduce((sum, one) => sum + one, 0);
const observed = { value: most, unit: 'at most at once', goal: 1, bound: 'most' };
recordGoal({ name: `${name}: observations of the device`, ...observed });
const missing = { value: missed, unit: `of ${count * readings}`, goal: 0, bound: 'most' };
recordGoal({ name: `${name}: values not heard`, ...missing });
const bytes = (after.rssBytes - before.rssBytes) / count;
recordFigure(`${name}: memory of the bridge for each`, round(bytes / 1024, 1), 'KiB');
const cpuUs = (busy.cpuUs - after.cpuUs) / (count * readings);
recordFigure(`${name}: CPU for each value and listener`, round(cpuUs, 1), 'µs');
console.log(`${name}: ${most} observation, ${missed} values missing, ${round(bytes / 1024, 1)} KiB each`);

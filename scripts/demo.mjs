// What `npm start` does once Node.js is new enough: set up, boot a board, push the sample atom, open the bridge.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SetupError } from './quietly.mjs';
import { root } from './root.mjs';
import { setUp } from './setup.mjs';

const boardName = 'gauge-1';
const atomName = 'rain';
const data = 'atoms-as/examples/rain/seattle-precipitation.csv';
const paceMs = 1000;
const bootWithinMs = 15_000;

const done = (title, text) => console.log(`✔ ${title.padEnd(15)} ${text}`);
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const kib = (bytes) => `${(bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0)} KiB`;
const version = (command, ...args) =>
  /(\d+\.\d+)/.exec(execFileSync(command, args, { encoding: 'utf8' }))?.[1] ?? '?';

function printToolchain() {
  const parts = [
    `qemu ${version('qemu-system-arm', '--version')}`,
    `arm-none-eabi-gcc ${version('arm-none-eabi-gcc', '-dumpversion')}`,
    `node ${version(process.execPath, '--version')}`,
  ];
  done('toolchain', parts.join(' · '));
}

function printFirmware() {
  const { flash, ram } = JSON.parse(
    readFileSync(join(root, 'firmware/build/netduinoplus2/sizes.json'), 'utf8'),
  );
  const board = JSON.parse(readFileSync(join(root, 'boards/netduinoplus2/board.json'), 'utf8'));
  const parts = [
    `${kib(flash.used)} flash of ${kib(board.flash.size)}`,
    `${kib(ram.used)} RAM of ${kib(ram.total)} before atoms`,
  ];
  done('firmware', [board.name, ...parts].join(' · '));
}

/** Waits until the bridge has the board up; resolves with its state. */
async function waitForBoard(bridge) {
  const deadline = Date.now() + bootWithinMs;
  for (;;) {
    const node = bridge.registry.get(boardName);
    if (node?.state().link === 'up') return node;
    if (Date.now() > deadline)
      throw new Error(`${boardName} did not answer within ${seconds(bootWithinMs)}.`);
    await sleep(5);
  }
}

/** Feeds the data set to the board's rain channel, round and round, until the signal fires. */
async function feed(toolchain, node, signal) {
  const values = toolchain.readColumn(readFileSync(join(root, data), 'utf8'), 'precipitation');
  for (let day = 0; !signal.aborted; day = (day + 1) % values.length) {
    const request = {
      method: 3,
      path: ['io', 'rain0'],
      query: [],
      payload: Buffer.from(String(values[day])),
      contentFormat: 0,
    };
    // A board that is away for a moment misses a day; the feed goes on when it is back.
    await node.request(request, signal).catch(() => undefined);
    await sleep(paceMs, undefined, { signal }).catch(() => undefined);
  }
}

function printRequests(bridge, coap) {
  const level = `${bridge.url}/nodes/${boardName}/a/${atomName}/level`;
  console.log(`
  dashboard   ${bridge.url}/
  REST        curl ${level}
  stream      curl -N -H 'Accept: text/event-stream' ${level}
  CoAP        npx --no-install radon get ${coap}/.well-known/core

  next: npx --no-install radon dev ${atomName}   (edit atoms-as/examples/${atomName}/atom.ts and watch it reload)
  Ctrl-C stops everything.`);
  return level;
}

async function firstEvents(url, count) {
  const end = new AbortController();
  const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: end.signal });
  let text = '';
  for await (const chunk of response.body) {
    text += Buffer.from(chunk).toString();
    if (text.split('\n').filter((line) => line.startsWith('data:')).length >= count) break;
  }
  end.abort();
  return text.trim();
}

/** Makes every printed request and prints its answer. Throws when one fails. */
async function tryRequests(bridge, coap, level) {
  const page = await fetch(`${bridge.url}/`);
  console.log(`\n— dashboard: ${page.status}, ${(await page.text()).length} characters of HTML`);
  const reading = await fetch(level);
  if (!reading.ok) throw new Error(`${level} answered ${reading.status}: ${await reading.text()}`);
  console.log(`— REST: ${await reading.text()}`);
  console.log(`— stream:\n${await firstEvents(level, 2)}`);
  const radon = join(root, 'toolchain/bin/radon.js');
  const { stdout } = await promisify(execFile)(process.execPath, [radon, 'get', `${coap}/.well-known/core`]);
  console.log(`— CoAP:\n${stdout.trim()}`);
}

async function run(once, interrupt) {
  const toolchain = await import('../toolchain/dist/index.js');
  printToolchain();
  printFirmware();
  const workspace = toolchain.openWorkspace(root);
  const bridge = await toolchain.openBridge(workspace, { logger: quietLogger });
  let started;
  try {
    const booting = performance.now();
    started = await toolchain.startBoard(workspace, boardName, {
      board: toolchain.defaultBoard,
      emulator: 'qemu',
    });
    const node = await waitForBoard(bridge);
    const { coap } = node.state();
    done(
      `board  ${boardName}`,
      `${started.adopted ? 'found' : 'booted'} in ${seconds(performance.now() - booting)} · coap+uart · udp ${coap.replace('coap://', '')}`,
    );
    const built = await toolchain.buildAtom(
      toolchain.readAtomProject(toolchain.findAtomFolder(workspace, atomName)),
      { measure: workspace },
    );
    const atom = toolchain.signBuilt(workspace, built);
    const { sent, elapsedMs } = await toolchain.pushAtom(node, atom, { signal: interrupt });
    done(
      `atom   ${atomName} ${built.version}`,
      `${sent > 0 ? `${kib(sent)} pushed` : 'there already'} and verified in ${seconds(elapsedMs)} · running`,
    );
    const feeding = feed(toolchain, node, interrupt);
    const level = printRequests(bridge, coap);
    if (once) await tryRequests(bridge, coap, level);
    else await feeding;
  } finally {
    await bridge.close();
    if (started !== undefined && !started.adopted)
      await toolchain.stopEmulatedBoard(workspace, started.board);
  }
}

const quietLogger = { debug() {}, info() {}, warn: console.error, error: console.error };

export async function start(args) {
  const unknown = args.find((arg) => arg !== '--once');
  if (unknown !== undefined) {
    console.error(`npm start knows no "${unknown}", only --once.`);
    process.exitCode = 2;
    return;
  }
  const once = args.includes('--once');
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await setUp('start');
    await run(once, interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) {
      console.error(error.message);
      if (error.remedy) console.error(`  ${error.remedy}`);
      process.exitCode = error instanceof SetupError ? 3 : (error.exitCode ?? 1);
    }
  } finally {
    stop();
  }
}

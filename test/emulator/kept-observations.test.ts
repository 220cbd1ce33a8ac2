/** What atoms on boards observe elsewhere goes on when the bridge is started again: docs/reference/restart.md. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBridgeRecord } from '@radon/bridge/server';
import type { EmulatedBoard } from '@radon/toolchain';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { nodeRequest, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const launcher = fileURLToPath(new URL('../../toolchain/bin/radon.js', import.meta.url));

let project: TestProject;
let north: EmulatedBoard;
let child: ChildProcess | undefined;

beforeEach(async () => {
  project = await openTestProject();
  await project.openBridge();
  north = await project.startBoard('north', 'posix');
  await project.startBoard('south', 'posix');
  await project.push(await project.node('north'), 'agent');
  await project.node('south');
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await project.close();
});

/** The bridge of the project as a process of its own; the result is its HTTP base. */
function startProcess(): Promise<string> {
  const { root, radon } = project.workspace;
  const flags = ['--port', '0', '--coap-port', '0'];
  child = spawn(process.execPath, [launcher, 'bridge', ...flags], { cwd: root, stdio: 'ignore' });
  return eventually('the record of the bridge', () => readBridgeRecord(radon)?.url, 20_000);
}

async function killProcess(): Promise<void> {
  const ended = child && once(child, 'exit');
  child?.kill('SIGKILL');
  await ended;
}

/** What the atom heard, as its bridge tells it. */
async function heard(): Promise<string> {
  const { payload } = await (await project.node('north')).request(nodeRequest('GET', '/a/agent/log'));
  return new TextDecoder().decode(payload);
}

const observe = 'request 1 //south/io/temp0 1';
const readings = (log: string) => [...log.matchAll(/response \d+: (\d+)/g)].map(([, code]) => code);

/** What is now, and what follows. */
async function hearsOn(): Promise<void> {
  await eventually('the reading of now', async () => readings(await heard()).length > 1);
  const before = readings(await heard()).length;
  await setChannel(await project.node('south'), 'temp0', 31);
  await eventually('the next reading', async () => readings(await heard()).length > before);
}

it('after a clean end: the atom hears what is now, and what follows', async () => {
  await (await project.node('north')).request(nodeRequest('POST', '/a/agent/do', observe));
  await eventually('the first reading', async () => readings(await heard()).length === 1);
  await project.bridge.close();

  await project.openBridge();
  await hearsOn();
  expect(new Set(readings(await heard()))).toEqual(new Set(['69']));
});

it('after a kill', async () => {
  await project.bridge.close();
  const url = await startProcess();
  await eventually('the board', async () => (await fetch(`${url}/nodes/south/io/temp0`)).ok);
  await fetch(`${url}/nodes/north/a/agent/do`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: observe,
  });
  const file = join(project.workspace.radon, 'observations', 'north.json');
  await eventually('what is observed on disk', () => existsSync(file));
  await killProcess();

  await project.openBridge();
  await hearsOn();
});

it('but not that of a board that was reset meanwhile: its atoms observe anew', async () => {
  await (await project.node('north')).request(nodeRequest('POST', '/a/agent/do', observe));
  await eventually('the first reading', async () => readings(await heard()).length === 1);
  await project.bridge.close();
  await project.powerCycle(north);

  await project.openBridge();
  const file = join(project.workspace.radon, 'observations', 'north.json');
  await eventually('nothing to observe', () => !existsSync(file));
  expect(readings(await heard())).toEqual([]);
});

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

const examples = fileURLToPath(new URL('../../atoms-as/examples/', import.meta.url));
const patience = { timeout: 15_000, interval: 200 };

let project: Scratch;
let bridge: RunningCommand;
beforeAll(async () => {
  project = openScratch();
  await project.radon('emu', 'start', 'gauge-1', 'gauge-2', '--emulator', 'posix');
  bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
  await bridge.until(/gauge-1: up[\s\S]*gauge-2: up|gauge-2: up[\s\S]*gauge-1: up/);
  await bridge.until(/^CoAP /m);
});
afterAll(() => project?.close());

async function deploy(name: string): Promise<void> {
  const result = await project.radon('deploy', join(examples, name, 'app.json'));
  expect(result.code, result.stdout + result.stderr).toBe(0);
}

/** What an atom answers, wherever it is. */
async function call(...args: string[]): Promise<string> {
  const { stdout } = await project.radon('call', ...args);
  return stdout.trim();
}

const becomes = (args: string[], value: unknown) =>
  vi.waitFor(async () => expect(await call(...args)).toEqual(value), patience);

describe('the examples on two boards and the host', () => {
  it('chain: from a board to the host', async () => {
    await deploy('chain');
    await call('chain-a/celsius', '21.5');
    await becomes(['chain-b/fahrenheit'], '70.7');
  });

  it('workflow: two stages on a board, one on the host', async () => {
    await deploy('workflow');
    for (const reading of ['1', '2', '3', '4']) await call('intake/reading', reading);
    const mean = [
      { n: 'mean', u: 'mm', v: 2.5 },
      { n: 'readings', u: 'count', v: 4 },
    ];
    await vi.waitFor(
      async () => expect(JSON.parse(await call('report/mean', '--accept', 'senml+json'))).toEqual(mean),
      patience,
    );
  });

  it('fan-out: members on both boards and the host', async () => {
    await deploy('fan-out');
    await call('horn/armed', '1', '--method', 'PUT');
    await call('button/press', 'x');
    for (const node of ['gauge-1', 'gauge-2', 'bridge']) await becomes(['lamp/flashes', '--on', node], '1');
    await becomes(['horn/blasts'], '1');
  });

  it('workers: a pool on a board, its dispatcher on the host', async () => {
    await deploy('workers');
    expect(await call('dispatcher/jobs', '12345')).toBe('15 by worker~1');
    expect(await call('dispatcher/jobs', '77')).toBe('14 by worker~2');
  });

  it('supervisor: tasks on a board are replaced', async () => {
    await deploy('supervisor');
    await becomes(['supervisor/restarts'], '0');
    await project.radon('send', 'gauge-1/task~1', 'fail');
    await becomes(['supervisor/restarts'], '1');
  });

  it('causal: three peers see the same', async () => {
    for (const atom of ['supervisor', 'task']) await project.radon('rm', atom); // makes room on the board
    await deploy('causal');
    await call('ann/say', 'hello');
    for (const peer of ['ann', 'ben', 'cat']) await becomes([`${peer}/latest`], 'hello');
  });

  it('a board that loses its power in the middle goes on with its part', async () => {
    await project.radon('emu', 'start', 'gauge-1', '--power-cycle');
    await bridge.until(/gauge-1: (lost|down)[\s\S]*gauge-1: up/);
    await call('chain-a/celsius', '100');
    await becomes(['chain-b/fahrenheit'], '212');
  });
});

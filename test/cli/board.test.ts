import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type ProcessRecord, recordProcess } from '@radon/bridge/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

const table = '# made up\nday,rain\n1,0.5\n2,20.5\n3,1\n';

let project: Scratch;
beforeAll(async () => {
  project = openScratch();
  project.write('rain.csv', table);
  const started = await project.radon('emu', 'start', 'gauge-1');
  expect(started).toMatchObject({ code: 0, stderr: '' });
  expect(started.stdout).toMatch(/^gauge-1 {2}netduinoplus2 on qemu {2}flashed and started in \d\.\d\d s\n$/);
});
afterAll(() => project?.close());

const recordOf = (path: string) =>
  JSON.parse(readFileSync(join(project.folder, '.radon', path), 'utf8')) as ProcessRecord;
const lockFiles = () =>
  readdirSync(join(project.folder, '.radon', 'run')).filter((name) => name.startsWith('links.lock'));

async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await project.radon(...args, '--json');
  expect({ args, code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

/** Ctrl-C ends it with 130, nothing is said and no lock stays. */
async function expectInterrupt(command: RunningCommand): Promise<void> {
  const { code, stderr } = await command.interrupt();
  expect({ code, stderr }).toEqual({
    code: 130,
    stderr: expect.not.stringMatching(/Error|at .*\.js|Interrupted/),
  });
  expect(lockFiles()).toEqual([]);
}

describe('a board that starts', () => {
  it('needs its emulator', async () => {
    const result = await project.radonWith({ PATH: '/nowhere' }, 'emu', 'start', 'gauge-2');
    expect(result).toEqual({
      code: 3,
      stdout: '',
      stderr: 'radon emu start: qemu-system-arm cannot be started.\n  radon doctor says how to install it.\n',
    });
  });

  it('ends what a start that was killed left behind', async () => {
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    const record = recordProcess(left.pid ?? 0);
    project.write('.radon/emu/gauge-2/starting.json', JSON.stringify(record));
    expect(await project.radon('emu', 'start', 'gauge-2')).toMatchObject({ code: 0 });
    expect(isRunning(record)).toBe(false);
    expect(existsSync(join(project.folder, '.radon/emu/gauge-2/starting.json'))).toBe(false);
    await project.radon('emu', 'stop', 'gauge-2');
  });
});

describe('a board without a bridge', () => {
  it('that runs is not started twice', async () => {
    const { code, stdout } = await project.radon('emu', 'start', 'gauge-1');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'gauge-1  netduinoplus2 on qemu  runs already\n' });
  });

  it('holds no atoms at first', async () => {
    expect(await json('ps')).toEqual([]);
  });

  it('takes an atom, and knows it the next time', async () => {
    const first = await project.radon('push', 'rain');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^rain on gauge-1 {2}2\.\d KiB sent and verified in \d\.\d\d s · running\n$/,
    );
    const second = await project.radon('push', 'rain', '--to', 'gauge-1');
    expect(second.stdout).toMatch(/^rain on gauge-1 {2}was there already and verified/);
  });

  it('is listed with its resources and atoms', async () => {
    expect(await json('ls')).toMatchObject([{ name: 'gauge-1', kind: 'device', link: 'up' }]);
    expect((await project.radon('ls', 'gauge-1')).stdout).toMatch(/^gauge-1 {2}\/a\/rain\/level /m);
    expect(await json('ps', 'gauge-1')).toMatchObject([
      { node: 'gauge-1', name: 'rain', phase: 'SUSPENDED', restarts: 0 },
    ]);
  });

  it('is fed, and its log tells what the atom said', async () => {
    const fed = await project.radon(
      'feed',
      'gauge-1',
      'rain0',
      'rain.csv',
      '--column',
      'rain',
      '--pace',
      '20',
    );
    expect(fed).toEqual({ code: 0, stdout: '3 readings fed to rain0 of gauge-1\n', stderr: '' });
    const line = /^ +\d+\.\d{3} WARN {2}rain {2}20\.5 mm: above 20$/m;
    await eventually('the log', async () => line.test((await project.radon('logs', 'gauge-1')).stdout));
  });

  it.each([
    ['feed gauge-1 rain9 rain.csv --column rain', 1, 'There is no channel rain9.\n  GET /io lists them.'],
    [
      'feed gauge-1 rain0 rain.csv --column snow',
      2,
      'The file has no column "snow".\n  Its columns: day, rain.',
    ],
    ['push rain --to gauge-9', 1, 'There is no node gauge-9.\n  radon ls lists them.'],
    ['push rain --key release', 1, 'There is no key release.\n  Make it with: radon keys create release'],
    ['push rain --board toaster', 2, 'There is no board "toaster".\n  Known boards: netduinoplus2.'],
    ['stop drizzle', 1, 'There is no atom drizzle on gauge-1.\n  radon ps lists them.'],
    ['stop rain --on gauge-9', 1, 'There is no node gauge-9.\n  radon ls lists them.'],
  ])('radon %s is refused', async (command, code, sentence) => {
    const result = await project.radon(...command.split(' '));
    const [name] = command.split(' ');
    expect(result).toEqual({ code, stdout: '', stderr: `radon ${name}: ${sentence}\n` });
  });

  it('stops, starts and restarts an atom', async () => {
    expect((await project.radon('stop', 'rain')).stdout).toBe('rain on gauge-1 stopped\n');
    expect(await json('ps')).toMatchObject([{ phase: 'STOPPED' }]);
    expect((await project.radon('start', 'rain')).stdout).toBe('rain on gauge-1 started\n');
    expect((await project.radon('restart', 'rain')).stdout).toBe('rain on gauge-1 restarted\n');
    expect(await json('ps')).toMatchObject([{ phase: 'SUSPENDED' }]);
  });

  it('keeps its atoms over a power cycle, not over a reset', async () => {
    await project.radon('emu', 'start', 'gauge-1', '--power-cycle');
    expect(await json('ps')).toMatchObject([{ name: 'rain', phase: 'SUSPENDED' }]);
    expect((await project.radon('reset', 'gauge-1')).stdout).toBe(
      'gauge-1 is as from the factory and runs.\n',
    );
    expect(await json('ps')).toEqual([]);
    expect((await project.radon('push', 'rain')).code).toBe(0);
    expect((await project.radon('rm', 'rain')).stdout).toBe('rain on gauge-1 removed\n');
    expect(await json('ps')).toEqual([]);
  });

  it('that was stopped is told from an unknown one', async () => {
    await project.radon('emu', 'start', 'gauge-2');
    expect((await project.radon('emu', 'stop', 'gauge-2')).stdout).toBe('gauge-2 stopped\n');
    expect(await project.radon('ls', 'gauge-2')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'radon ls: The board gauge-2 is stopped.\n  Start it with: radon emu start gauge-2\n',
    });
  });
});

describe('Ctrl-C', () => {
  beforeAll(async () => {
    expect(await project.radon('push', 'rain')).toMatchObject({ code: 0, stderr: '' });
  });

  it('ends logs -f', async () => {
    const command = project.start('logs', '-f');
    await command.until(/started gauge-1/);
    await expectInterrupt(command);
  });

  it('ends feed', async () => {
    const command = project.start('feed', 'gauge-1', 'rain0', 'rain.csv', '--column', 'rain', '--loop');
    await eventually('the lock', () => existsSync(join(project.folder, '.radon/run/links.lock')));
    await expectInterrupt(command);
  });

  it('ends monitor', async () => {
    const command = project.start('monitor', 'gauge-1');
    await command.until(/line up/);
    await expectInterrupt(command);
  });

  it('ends a build while the compiler works, and nothing is kept of it', async () => {
    await project.radon('new', 'slow');
    rmSync(join(project.folder, '.radon/cache'), { recursive: true, force: true });
    const command = project.start('build', 'slow');
    await eventually('the compiler', () => existsSync(join(project.folder, '.radon/cache/compile')));
    expect(await command.interrupt()).toMatchObject({ code: 130, stdout: '' });
    expect(existsSync(join(project.folder, '.radon/build/slow'))).toBe(false);
  });
});

describe('dev', () => {
  it('runs every save, tells mistakes, goes on, and ends with Ctrl-C', async () => {
    await project.radon('new', 'meter');
    const source = join(project.folder, 'atoms/meter/atom.ts');
    const text = readFileSync(source, 'utf8');
    const dev = project.start('dev', 'meter');
    await dev.until(/meter runs on gauge-1 .*pushed/);
    await dev.until(/Watching/);
    project.write('atoms/meter/atom.ts', `${text}\nfoo(;\n`);
    await dev.until(/atoms\/meter\/atom\.ts:\d+:\d+: Expression expected\./);
    project.write('atoms/meter/atom.ts', text.replace('count += 1', 'count += 2'));
    await dev.until(/(meter runs on gauge-1[\s\S]*){2}/);
    await expectInterrupt(dev);
    expect(await json('ps')).toContainEqual(expect.objectContaining({ name: 'meter', phase: 'SUSPENDED' }));
  });
});

describe('the lock on the serial lines', () => {
  it('of a process that was killed is taken over', async () => {
    const command = project.start('logs', '-f');
    await command.until(/started gauge-1/);
    await command.kill('SIGKILL');
    expect(lockFiles()).toEqual(['links.lock']);
    expect((await project.radon('ps')).code).toBe(0);
    expect(lockFiles()).toEqual([]);
  });

  it('with nothing in it is taken over', async () => {
    project.write('.radon/run/links.lock', '');
    expect((await project.radon('ps')).code).toBe(0);
  });

  it('is waited for while another command holds it', async () => {
    const follow = project.start('logs', '-f');
    await follow.until(/started gauge-1/);
    const ps = project.radon('ps');
    await follow.interrupt();
    expect((await ps).code).toBe(0);
  });
});

describe('a board behind a bridge', () => {
  let bridge: RunningCommand;
  let coap: string;
  const startBridge = async () => {
    bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
    await bridge.until(/gauge-1: up/);
    await bridge.until(/^CoAP /m);
    const nodes = (await json('ls')) as { name: string; coap?: string }[];
    coap = nodes.find(({ name }) => name === 'gauge-1')?.coap ?? '';
  };
  const bridgeCoap = () => /coap:\/\/127\.0\.0\.1:\d+/.exec(bridge.text())?.[0] ?? '';
  const messagesIn = async () => {
    const { body } = (await json('get', `${coap}/node`)) as { body: { counters: { messagesIn: number } } };
    return body.counters.messagesIn;
  };
  beforeAll(startBridge);

  it('is reached through it; the host node is another node', async () => {
    expect(await json('ls')).toMatchObject([
      { name: 'bridge', kind: 'host', link: 'up' },
      { name: 'gauge-1', kind: 'device', link: 'up' },
    ]);
  });

  it('gets what is pushed without naming nodes, the host node only what names it', async () => {
    expect(await project.radon('push', 'rain')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^rain on gauge-1 .*\n$/),
      stderr: '',
    });
    expect((await project.radon('push', 'rain', '--to', 'bridge')).stdout).toMatch(/^rain on bridge .*\n$/);
  });

  it('answers CoAP by hand', async () => {
    const read = await project.radon('get', `${coap}/node`, '--json');
    expect(JSON.parse(read.stdout)).toMatchObject({ code: '2.05', body: { name: 'gauge-1' } });
    expect(await project.radon('get', `${coap}/a/nothing`)).toMatchObject({ code: 1, stdout: '' });
    const put = await project.radon('put', `${bridgeCoap()}/nodes/gauge-1/io/rain0`, '--data', '3');
    expect(put).toEqual({ code: 0, stdout: '', stderr: '2.04\n' });
  });

  it('is observed, for a count or until Ctrl-C', async () => {
    const counted = await project.radon('observe', `${coap}/a/rain/level`, '--count', '1', '--json');
    expect(JSON.parse(counted.stdout)).toMatchObject({ code: '2.05' });
    const observe = project.start('observe', `${coap}/a/rain/level`);
    await observe.until(/latest/);
    await expectInterrupt(observe);
  });

  it('stands a load, which Ctrl-C ends with what there is', async () => {
    const load = await json('load', `${coap}/node`, '--clients', '3', '--rounds', '5');
    expect(load).toMatchObject({ sent: 15, answered: 15, lost: 0 });
    const long = project.start('load', `${coap}/node`, '--duration', '60');
    const before = await messagesIn();
    await eventually('the load', async () => (await messagesIn()) > before + 50);
    const ended = await long.interrupt();
    expect(ended.code).toBe(130);
    expect(ended.stdout).toMatch(
      /^clients: 1 \(ports used: 1\), .* answers\/s\nsent \d+ {2}answered \d+ {2}errors 0 {2}lost 0/m,
    );
  });

  it('keeps the serial line from monitor, and .radon from clean', async () => {
    const monitor = await project.radon('monitor', 'gauge-1');
    expect(monitor).toMatchObject({ code: 3, stderr: expect.stringContaining('owns the serial lines') });
    const clean = await project.radon('clean');
    expect(clean).toMatchObject({ code: 1, stderr: expect.stringContaining('Stop it first') });
    expect((await project.radon('ps')).code).toBe(0);
  });

  it('has one bridge only', async () => {
    const { code, stderr } = await project.radon('bridge');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^radon bridge: A bridge \(pid \d+\) runs here already, at http:\/\/127\.0\.0\.1:\d+\/\.\n/,
    );
  });

  it('is found again after the bridge was killed and started again', async () => {
    const board = recordOf('emu/gauge-1/state.json');
    await bridge.kill('SIGKILL');
    expect(isRunning(board)).toBe(true);
    expect((await project.radon('ps')).code).toBe(0);
    await startBridge();
    expect(recordOf('emu/gauge-1/state.json')).toEqual(board);
    expect(await json('ps', 'gauge-1')).toContainEqual(expect.objectContaining({ name: 'rain' }));
  });

  it('outlives Ctrl-C of the bridge, which takes its record with it', async () => {
    await expectInterrupt(bridge);
    expect(existsSync(join(project.folder, '.radon/run/bridge.json'))).toBe(false);
    expect(isRunning(recordOf('emu/gauge-1/state.json'))).toBe(true);
  });
});

describe('clean', () => {
  it('ends the boards and leaves keys and the audit log alone', async () => {
    const board = recordOf('emu/gauge-1/state.json');
    expect((await project.radon('clean')).code).toBe(0);
    expect(isRunning(board)).toBe(false);
    expect(readdirSync(join(project.folder, '.radon'))).toEqual(['audit.log', 'keys']);
  });
});

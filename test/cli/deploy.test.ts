import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

interface Row {
  readonly node: string;
  readonly atom: string;
  readonly step: string;
}

interface Plan {
  readonly plan: readonly (Row & { readonly reason: string })[];
  readonly unreachable: readonly { readonly node: string }[];
}

interface Done extends Row {
  readonly sent: number;
  readonly error?: { readonly sentence: string };
}

const everywhere = { atom: 'echo', name: 'voice' };
const nodes = { 'gauge-1': { tags: ['rain-gauge'] }, 'gauge-2': {}, bridge: {} };
const rain = { atom: 'rain', on: { require: ['rain-gauge'] } };

let project: Scratch;
let bridge: RunningCommand;
beforeAll(async () => {
  project = openScratch();
  await project.radon('emu', 'start', 'gauge-1', 'gauge-2');
  bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
  await bridge.until(/gauge-1: up[\s\S]*gauge-2: up|gauge-2: up[\s\S]*gauge-1: up/);
  await bridge.until(/^CoAP /m);
});
afterAll(() => project?.close());

function writeApp(atoms: readonly object[], name = 'watch'): string {
  const file = `${name}.json`;
  project.write(file, JSON.stringify({ name, nodes, atoms }));
  return file;
}

/** Runs a deployment; the plan without what is unchanged, and what was done. */
async function deploy(file: string, ...options: string[]) {
  const { code, stdout, stderr } = await project.radon('deploy', file, '--json', ...options);
  const [plan, ...rest] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const { plan: rows, unreachable } = plan as Plan;
  const told = ({ node, atom, step }: Row) => `${step} ${atom} ${node}`;
  return {
    code,
    stderr,
    unreachable: unreachable.map(({ node }) => node),
    steps: rows.filter(({ step }) => step !== 'unchanged').map(told),
    done: rest.filter((line): line is Done => Object.hasOwn(line as object, 'step')),
  };
}

async function states(node: string) {
  const { stdout } = await project.radon('ps', node, '--json');
  return JSON.parse(stdout) as { name: string; phase: string; sequence: number }[];
}

const names = async (node: string) => (await states(node)).map(({ name }) => name).sort();
const sequenceOf = async (node: string, atom: string) =>
  (await states(node)).find(({ name }) => name === atom)?.sequence;

describe('an application on two boards and the host', () => {
  it('is planned without a change by a dry run', async () => {
    const planned = await deploy(writeApp([rain, everywhere]), '--dry-run');
    expect(planned).toMatchObject({
      code: 0,
      steps: ['push rain gauge-1', 'push voice gauge-1', 'push voice gauge-2', 'push voice bridge'],
      done: [],
    });
    expect(await names('gauge-1')).toEqual([]);
  });

  it('is brought to its nodes', async () => {
    const { code, done } = await deploy(writeApp([rain, everywhere]));
    expect(code).toBe(0);
    expect(done.every(({ sent }) => sent > 0)).toBe(true);
    expect(await names('gauge-1')).toEqual(['rain', 'voice']);
    expect(await names('gauge-2')).toEqual(['voice']);
    expect(await names('bridge')).toEqual(['voice']);
  });

  it('is not touched again: no new number, nothing sent', async () => {
    const before = await states('gauge-1');
    const { stdout } = await project.radon('deploy', 'watch.json');
    expect(stdout).toMatch(/watch: nothing to do\n$/);
    expect((await states('gauge-1')).map(({ sequence }) => sequence)).toEqual(
      before.map(({ sequence }) => sequence),
    );
  });

  it('gets a changed configuration without a byte of code', async () => {
    const changed = { ...everywhere, configuration: { replyWithinMs: 900 } };
    const { code, steps, done } = await deploy(writeApp([rain, changed]));
    expect({ code, steps }).toEqual({
      code: 0,
      steps: ['reconfigure voice gauge-1', 'reconfigure voice gauge-2', 'reconfigure voice bridge'],
    });
    expect(done.map(({ sent }) => sent)).toEqual([0, 0, 0]);
  });

  it('goes on after a board lost its power on the way', async () => {
    await project.radon('emu', 'start', 'gauge-1', '--power-cycle');
    await bridge.until(/gauge-1: (lost|down)[\s\S]*gauge-1: up/);
    const changed = { ...everywhere, configuration: { replyWithinMs: 900 } };
    expect(await deploy(writeApp([rain, changed]))).toMatchObject({ code: 0, steps: [] });
  });

  it('has a stopped atom started', async () => {
    await project.radon('stop', 'rain', '--on', 'gauge-1');
    expect(await deploy('watch.json')).toMatchObject({ code: 0, steps: ['start rain gauge-1'] });
  });

  it('takes back what somebody else pushed over it', async () => {
    await project.radon('push', 'rain', '--to', 'gauge-1');
    expect(await deploy('watch.json')).toMatchObject({ code: 0, steps: ['reconfigure rain gauge-1'] });
    expect(await deploy('watch.json')).toMatchObject({ code: 0, steps: [] });
  });

  it('reports a node that cannot be reached, and does the others', async () => {
    await project.radon('emu', 'stop', 'gauge-2');
    const result = await deploy(writeApp([everywhere]));
    expect(result).toMatchObject({
      code: 1,
      unreachable: ['gauge-2'],
      steps: ['remove rain gauge-1', 'reconfigure voice gauge-1', 'reconfigure voice bridge'],
    });
    expect(result.stderr).toMatch(/^radon deploy: gauge-2: .*\n/m);
    await project.radon('emu', 'start', 'gauge-2');
    await bridge.until(/gauge-2: up[\s\S]*gauge-2: up/);
    expect(await deploy('watch.json')).toMatchObject({ code: 0, steps: ['reconfigure voice gauge-2'] });
  });

  it('does not remove what the user or another application put there', async () => {
    const other = writeApp([{ atom: 'blink', on: 'gauge-1' }], 'other');
    expect(await deploy(other)).toMatchObject({ code: 0, steps: ['push blink gauge-1'], stderr: '' });
    await project.radon('push', 'rain', '--to', 'gauge-1');
    expect(await deploy(writeApp([everywhere]))).toMatchObject({ code: 0, steps: [], stderr: '' });
    expect(await names('gauge-1')).toEqual(['blink', 'rain', 'voice']);
  });

  it('does not replace what belongs to another application', async () => {
    const before = await sequenceOf('gauge-1', 'blink');
    const result = await deploy(writeApp([everywhere, { atom: 'blink', on: 'gauge-1' }]));
    expect(result).toMatchObject({ code: 1, steps: ['refuse blink gauge-1'] });
    expect(result.stderr).toContain('blink on gauge-1: it belongs to the application other');
    expect(await sequenceOf('gauge-1', 'blink')).toBe(before);
  });

  it('reports what a node refuses, and does the rest', async () => {
    const large = { limits: { memory: 65536, body: 8192, pending: 8 } };
    const atoms = [{ atom: 'echo', name: 'large', on: 'gauge-1', configuration: large }, everywhere, rain];
    await project.radon('rm', 'rain');
    const result = await deploy(writeApp(atoms));
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/large on gauge-1: .*(needs|free)/i);
    expect(result.done.find(({ atom }) => atom === 'rain')).not.toHaveProperty('error');
  });

  it('takes an image as it was signed, or signs it here with what is different', async () => {
    await project.radon('sign', 'blink');
    const image = { atom: '.radon/build/blink/blink.atom', on: 'gauge-2' };
    const changed = { ...image, name: 'blinker', configuration: { limits: { deadlineMs: 60 } } };
    expect(await deploy(writeApp([everywhere, image, changed]))).toMatchObject({ code: 0, stderr: '' });
    expect(await deploy('watch.json')).toMatchObject({ code: 0, steps: [] });
    expect(await names('gauge-2')).toEqual(['blink', 'blinker', 'voice']);
    const large = { ...image, configuration: { limits: { memory: 4096 } } };
    expect((await project.radon('deploy', writeApp([large]))).stderr).toContain(
      'watch.json:1: atoms[0].configuration.limits.memory is fixed when a module is built',
    );
  });

  it('is safe to interrupt: nothing half-done is taken for done', async () => {
    const quick = { ...everywhere, configuration: { replyWithinMs: 700 } };
    const running = project.start('deploy', writeApp([quick, rain]));
    await running.until(/(push|reconfigure) /);
    // A fast machine may be done before it is told to stop.
    expect([0, 130]).toContain((await running.interrupt()).code);
    expect(await deploy('watch.json')).toMatchObject({ code: 0, stderr: '' });
    expect(await deploy('watch.json')).toMatchObject({ code: 0, steps: [] });
    expect(await names('gauge-1')).toEqual(['blink', 'rain', 'voice']);
  });

  it('ends with an empty list', async () => {
    const result = await deploy(writeApp([]));
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(await names('gauge-1')).toEqual(['blink']);
    expect(await names('bridge')).toEqual([]);
    expect(() => readFileSync(join(project.folder, '.radon/apps/watch.json'))).toThrow('ENOENT');
  });
});

describe('a wrong file', () => {
  it.each([
    ['{"name":"a","nodes":{"g":{}},\n"atoms":[{"atom":"rian"}]}', /:2: atoms\[0\]\.atom cannot be "rian"/],
    ['{"name":"a","nodes":{"g":{}},\n"atoms":[{"atom":"rain","on":"h"}]}', /:2: .*"h"; allowed: g\./],
    ['{"nodes":{},"atoms":[]}', /:1: name is missing/],
  ])('%s is told with its line', async (text, stderr) => {
    project.write('wrong.json', text);
    expect(await project.radon('deploy', 'wrong.json')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(stderr),
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

/** Two instances that take turns, say who they are, and fail on demand. */
const source = `
import { Format, Message, Output, Reply, Self } from "@radon/atoms-as/assembly";
let zero: i32 = 0;
function divide(depth: i32): i32 { return depth == 0 ? 10 / zero : divide(depth - 1) + zero; }
export function on_message(): i32 { return Message.is("fail") ? divide(2) : 0; }
export function on_request(): i32 { Output.begin(); Output.text(Self.name()); return Reply.content(Format.TEXT); }
`;

let project: Scratch;
let bridge: RunningCommand;
beforeAll(async () => {
  project = openScratch();
  project.write('twins/atom.ts', source);
  const limits = { memory: 4096, instances: 2 };
  const resources = [{ path: 'who', ct: ['text'] }];
  const configuration = { name: 'twins', kind: 'reactive', policy: 'round-robin', limits, resources };
  project.write('twins/atom.json', JSON.stringify(configuration));
  bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
  await bridge.until(/CoAP/);
  const pushed = await project.radon('push', 'twins', '--to', 'bridge');
  if (pushed.code !== 0) throw new Error(pushed.stderr);
});
afterAll(() => project?.close());

describe('radon call', () => {
  it('asks an atom by its name, or one of its instances', async () => {
    expect(await project.radon('call', 'twins/who')).toMatchObject({ code: 0, stdout: 'twins~1\n' });
    expect(await project.radon('call', 'twins/who')).toMatchObject({ code: 0, stdout: 'twins~2\n' });
    expect(await project.radon('call', 'twins~1/who')).toMatchObject({ code: 0, stdout: 'twins~1\n' });
  });

  it('says who answered with --json', async () => {
    const { stdout } = await project.radon('call', 'twins~2/who', '--json', '--on', 'bridge');
    expect(JSON.parse(stdout)).toMatchObject({ node: 'bridge', code: '2.05', body: 'twins~2' });
  });

  it.each([
    [['nobody/who'], 1, 'There is no atom nobody on bridge'],
    [['twins/nothing'], 1, 'There is nothing at /a/twins/nothing'],
    [['twins'], 2, '"twins" is no resource of an atom'],
    [['twins/who', '--on', 'gauge-9'], 1, 'There is no node gauge-9'],
    [['twins/who', '--method', 'LOOK'], 2, '--method takes GET'],
  ])('%j: %i', async (args, code, sentence) => {
    expect(await project.radon('call', ...args)).toMatchObject({
      code,
      stderr: expect.stringContaining(sentence),
    });
  });
});

describe('radon send', () => {
  it.each(['twins', 'twins~1', 'bridge/twins'])('puts a message into the inbox of %s', async (to) => {
    expect(await project.radon('send', to, 'hello')).toMatchObject({
      code: 0,
      stdout: `${to} has it (5 bytes)\n`,
    });
  });

  it.each([
    ['nobody', 1, 'nobody'],
    ['gauge-9/twins', 1, 'gauge-9'],
    ['twins~9', 1, 'twins~9'],
    ['a b', 2, '"a b" is no destination'],
  ])('to %s: %i', async (to, code, sentence) => {
    expect(await project.radon('send', to, 'hello')).toMatchObject({
      code,
      stderr: expect.stringContaining(sentence),
    });
  });
});

describe('radon ps', () => {
  it('shows instances below their atom', async () => {
    const { stdout } = await project.radon('ps', 'bridge');
    expect(stdout).toMatch(/^bridge {2}twins +.*\nbridge {4}twins~1 +.*\nbridge {4}twins~2 +.*\n$/m);
  });

  it('names the function that failed', async () => {
    await project.radon('send', 'twins~1', 'fail');
    const { stdout } = await project.radon('ps');
    expect(stdout).toMatch(/twins on bridge: trap ARITHMETIC in MESSAGE, function #\d+ \(.*divide\): /);
    const logs = await project.radon('logs', 'bridge');
    expect(logs.stdout).toMatch(/ERROR twins .*function #\d+ \(.*divide\)/);
  });
});

describe('radon top', () => {
  it('looks once', async () => {
    const { code, stdout } = await project.radon('top', '--once');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^NODE .*\nbridge {2}up .*\n\nNODE .*EVENTS\/S\nbridge {2}twins /);
  });

  it('writes one look a line with --json, until Ctrl-C', async () => {
    const running = project.start('top', '--json', '--interval', '0.2');
    await running.until(/\n.*\n/);
    const { code, stdout } = await running.interrupt();
    expect(code).toBe(130);
    for (const line of stdout.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ nodes: [{ node: 'bridge', link: 'up' }] });
  });

  it.each([
    [['--interval', '1'], 2, 'Standard output is no terminal'],
    [['gauge-9', '--once'], 1, 'There is no node gauge-9'],
    [['--once', '--interval', 'soon'], 2, '--interval takes a number'],
  ])('%j: %i', async (args, code, sentence) => {
    expect(await project.radon('top', ...args)).toMatchObject({
      code,
      stderr: expect.stringContaining(sentence),
    });
  });
});

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, openScratch, type Scratch } from './command.ts';

const launcher = join(fileURLToPath(new URL('../../', import.meta.url)), 'toolchain', 'bin', 'radon.js');

/** Adds up what it is sent; `exit N` and `fail` end it. */
const source = `
import { Format, Log, Message, Output, Reply, Self } from "@radon/atoms-as/assembly";
let sum: i32 = 0;
let zero: i32 = 0;
function divide(depth: i32): i32 { return depth == 0 ? 10 / zero : divide(depth - 1) + zero; }
export function on_start(): void { Log.info("ready"); }
export function on_message(): i32 {
  if (Message.is("fail")) sum = divide(2);
  else if (Message.is("exit 0")) Self.exit(0);
  else if (Message.is("exit 3")) Self.exit(3);
  else sum += <i32>Message.number();
  return 0;
}
export function on_request(): i32 { Output.begin(); Output.decimal(sum, 0); return Reply.content(Format.TEXT); }
`;

let project: Scratch;
beforeAll(() => {
  project = openScratch();
  project.write('adder/atom.ts', source);
  const resources = [{ path: 'sum', ct: ['text'] }];
  project.write('adder/atom.json', JSON.stringify({ name: 'adder', limits: { memory: 4096 }, resources }));
});
afterAll(() => project?.close());

/** The command with something on its standard input. */
function runWithInput(input: string, ...args: string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [launcher, ...args], { cwd: project.folder });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout, stderr }));
  });
}

describe('an atom alone', () => {
  it('is asked in the order of the options, answers and ends', async () => {
    const { code, stdout, stderr } = await project.radon(
      ...['run', 'adder', '--send', '3', '--send', '4', '--get', 'sum'],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '7\n' });
    expect(stderr).toMatch(/INFO {2}adder {2}ready/);
  });

  it('is asked by lines of standard input', async () => {
    const result = await runWithInput('# a comment\nsend 5\n\nget sum\n', 'run', 'adder', '--stdin');
    expect(result).toMatchObject({ code: 0, stdout: '5\n' });
  });

  it.each([
    ['exit 0', 0, ''],
    ['exit 3', 1, 'radon run: adder exited with 3.'],
    ['fail', 1, 'radon run: adder failed: ARITHMETIC in function #'],
  ])('ends by itself after "%s" with %i', async (text, code, sentence) => {
    const { stderr, ...result } = await project.radon('run', 'adder', '--send', text);
    expect(result.code).toBe(code);
    expect(stderr).toContain(sentence);
    if (text === 'fail') expect(stderr).toMatch(/function #\d+ \(.*divide\)/);
  });

  it('runs on until Ctrl-C when nothing is asked, and leaves nothing behind', async () => {
    const running = project.start('run', 'adder');
    await running.until(/adder {2}ready/);
    expect(await running.interrupt()).toMatchObject({ code: 130 });
  });

  it.each([
    [['--get', 'nothing'], 1, /There is nothing at \/a\/adder\/nothing/],
    [['--get', ''], 2, /"get " names nothing/],
  ])('with %j: %i', async (options, code, stderr) => {
    expect(await project.radon('run', 'adder', ...options)).toMatchObject({
      code,
      stderr: expect.stringMatching(stderr),
    });
  });

  it('says which line asks nothing', async () => {
    const result = await runWithInput('jump up\n', 'run', 'adder', '--stdin');
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('"jump up" asks nothing') });
  });
});

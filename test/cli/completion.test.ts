import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { launcher, openScratch, type Scratch } from './command.ts';

interface Shell {
  readonly command: readonly string[];
  /** What makes its prompt plain. */
  readonly set: string;
}

const shells: Readonly<Record<string, Shell>> = {
  bash: {
    command: ['bash', '--norc', '--noprofile', '-i'],
    set: "PS1='> '; bind 'set enable-bracketed-paste off'",
  },
  zsh: { command: ['zsh', '-f', '-i'], set: "PS1='> '; PROMPT_EOL_MARK=; unset zle_bracketed_paste" },
  fish: {
    command: ['fish', '--no-config', '-i'],
    set: "function fish_prompt; printf '> '; end; set -g fish_autosuggestion_enabled 0",
  },
};

let project: Scratch;
beforeAll(async () => {
  project = openScratch();
  const bin = join(project.folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(launcher, join(bin, 'radon'));
  project.write('notes.json', '{}');
  for (const shell of Object.keys(shells)) {
    project.write(`radon.${shell}`, (await project.radon('completion', shell)).stdout);
  }
  await project.radon('keys', 'create', 'release');
  await project.radon('keys', 'trust', 'release');
});
afterAll(() => project.close());

/** What is typed, up to Tab, and what stands in the line then. */
const completed: readonly (readonly [string, string])[] = [
  ['radon comp', 'radon completion '],
  ['npx --no-install radon dep', 'npx --no-install radon deploy '],
  ['radon emu sta', 'radon emu start '],
  ['radon emu start --em', 'radon emu start --emulator '],
  ['radon emu start --emulator po', 'radon emu start --emulator posix '],
  ['radon emu start --board=netd', 'radon emu start --board=netduinoplus2 '],
  ['radon push chain-a --key rel', 'radon push chain-a --key release '],
  ['radon push superv', 'radon push supervisor '],
  ['radon call blin', 'radon call blink/'],
  ['radon deploy not', 'radon deploy notes.json '],
];

describe.each(Object.keys(shells))('completion in %s', (name) => {
  const { command, set } = shells[name] as Shell;
  const isMissing = spawnSync(name, ['-c', 'true']).error !== undefined;
  if (isMissing) console.warn(`SKIPPED completion in ${name}: it is not installed`);
  const terminals: Terminal[] = [];
  afterAll(() => {
    for (const terminal of terminals) terminal.close();
  });

  /** A shell that has run these lines and read the script. */
  async function open(...lines: readonly string[]): Promise<Terminal> {
    const home = { HOME: project.folder, ZDOTDIR: project.folder, TERM: 'dumb', EDITOR: 'emacs' };
    const terminal = openTerminal(command, project.folder, home);
    terminals.push(terminal);
    for (const line of [set, ...lines, `. ${project.folder}/radon.${name}`]) terminal.type(`${line}\n`);
    // The echo of what was typed has quotes in it.
    terminal.type('echo re""ady\n');
    await terminal.shows(/\nready\r?\n/);
    return terminal;
  }

  /** What stands in the line after Tab and `+`: Ctrl-A and Ctrl-E make it an argument of printf. */
  async function completionOf(typed: string, { type, shows }: Terminal): Promise<string> {
    type(`${typed}\t+\x01printf '<%s>\\n' '\x05'\n`);
    return (await shows(/\n<(.*)\+>\r?\n/))[1] ?? '';
  }

  let plain: Terminal;
  beforeAll(async () => {
    if (!isMissing) plain = await open();
  });

  it.skipIf(isMissing).each(completed)('%s', async (typed, line) => {
    expect(await completionOf(typed, plain)).toBe(line);
  });

  it.skipIf(isMissing)('works for an alias, and says nothing outside a project', async () => {
    const terminal = await open("alias radon='npx --no-install radon'");
    expect(await completionOf('radon comp', terminal)).toBe('radon completion ');
    terminal.type('cd /\n');
    expect(await completionOf('radon comp', terminal)).toBe('radon comp');
  });
});

describe('radon completion --complete', () => {
  const wordsFor = async (...words: string[]) =>
    (await project.radon('completion', 'bash', '--complete', '--', ...words)).stdout
      .split('\n')
      .map((line) => line.split('\t')[0]);

  it('knows nodes and the atoms on them from the bridge', async () => {
    const bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
    await bridge.until(/CoAP/);
    expect(await project.radon('push', 'echo', '--to', 'bridge', '--key', 'release')).toMatchObject({
      code: 0,
    });
    expect(await wordsFor('stop', '')).toEqual(['echo', '']);
    expect(await wordsFor('call', '')).toEqual(['echo/', '']);
    expect(await wordsFor('ls', '')).toEqual(['bridge', '']);
    expect(await wordsFor('get', 'coap://')).toEqual([
      expect.stringMatching(/^coap:\/\/127\.0\.0\.1:\d+\/nodes\/bridge\/$/),
      '',
    ]);

    bridge.process.kill('SIGSTOP');
    const began = performance.now();
    expect(await wordsFor('ls', '')).toEqual(['']);
    // It waits half a second for the bridge, the rest is the start of a process on a busy machine.
    expect(performance.now() - began).toBeLessThan(5_000);
    bridge.process.kill('SIGCONT');
    await bridge.interrupt();
  });

  it.each([[['xyz', '']], [['keys', 'create', '']], [['reset', 'gauge-1', '']]])(
    'is silent where it knows nothing: %j',
    async (words) => {
      const result = await project.radon('completion', 'bash', '--complete', '--', ...words);
      expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
    },
  );

  it('makes nothing in a folder that has no state', async () => {
    const other = openScratch();
    await other.radon('completion', 'bash', '--complete', '--', 'push', '--key', '');
    expect(existsSync(join(other.folder, '.radon'))).toBe(false);
    await other.close();
  });
});

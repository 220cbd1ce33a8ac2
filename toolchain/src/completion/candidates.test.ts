import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandContext, commandTable } from '../command-line.ts';
import { createOutput } from '../output.ts';
import { openWorkspace } from '../workspace.ts';
import { complete } from './candidates.ts';

let root: string;
let context: CommandContext;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'radon-completion-'));
  for (const name of ['gauge-1', 'gauge-2']) {
    const folder = join(root, '.radon', 'emu', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'state.json'), JSON.stringify({ name, pid: 0 }));
  }
  for (const name of ['pump', 'pu$(reboot)', 'pu\nmp', '-pu']) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'atom.json'), '{}');
  }
  context = {
    workspace: openWorkspace(root),
    output: createOutput({ json: false, verbose: false }),
    signal: new AbortController().signal,
  };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function wordsFor(...words: string[]): Promise<readonly string[]> {
  const { candidates, files } = await complete(words, context);
  return [...candidates.map(({ word }) => word), ...(files ? ['FILES'] : [])];
}

test('every command, with its summary', async () => {
  const { candidates } = await complete([''], context);
  expect(candidates).toEqual(commandTable.map(({ name, summary }) => ({ word: name, summary })));
});

test.each<[string[], string[]]>([
  [['em'], ['emu']],
  [['--json', 'em'], ['emu']],
  [['--json', 'logs', 'gauge-1', ''], ['gauge-2']],
  [['--v'], ['--verbose', '--version']],
  [
    ['emu', ''],
    ['start', 'list', 'stop'],
  ],
  [['emu', 'start', '--p'], ['--power-cycle']],
  [
    ['emu', 'start', '--emulator', ''],
    ['qemu', 'renode', 'posix'],
  ],
  [
    ['emu', 'start', '--emulator', 'posix', ''],
    ['gauge-1', 'gauge-2'],
  ],
  [['emu', 'start', '--emulator=', '--b'], ['--board']],
  [['emu', 'stop', 'gauge-1', ''], ['gauge-2']],
  [['reset', 'gauge-1', ''], []],
  [
    ['push', 'pu'],
    ['pump', 'FILES'],
  ],
  [
    ['push', 'pump', '--to', 'gauge-1', ''],
    ['gauge-1', 'gauge-2'],
  ],
  [
    ['push', '--to=gauge-2', 'pu'],
    ['pump', 'FILES'],
  ],
  [
    ['push', '--to=gauge'],
    ['--to=gauge-1', '--to=gauge-2'],
  ],
  [['push', '--', '--t'], ['FILES']],
  [
    ['logs', '-f', ''],
    ['gauge-1', 'gauge-2'],
  ],
  [['tokens', 'create', '--right', 'w'], ['write']],
  [['call', 'pu'], ['pump/']],
  [
    ['get', 'x', '--accept', 'senml+'],
    ['senml+cbor', 'senml+json'],
  ],
  [['bridge', '--config', ''], ['FILES']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['nothing', ''], []],
])('%j', async (words, expected) => {
  expect(await wordsFor(...words)).toEqual(expected);
});

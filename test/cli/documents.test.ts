import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileCEcho } from '../support/c-atoms.ts';
import { commandNames, openScratch, type RunningCommand, type Scratch } from './command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const prefix = 'npx --no-install radon ';

/** What a command writes once it waits for Ctrl-C. */
const waiting: Readonly<Record<string, RegExp>> = { dev: /Watching/, run: /runs/ };

interface Example {
  readonly line: string;
  readonly args: readonly string[];
  /** What the comment behind it says. */
  readonly how: string;
}

/** The lines of the blocks marked `sh`, in their order. */
function examplesOf(document: string): readonly Example[] {
  const text = readFileSync(join(root, document), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.trim().split('\n'))
    .map((line) => {
      const [command = '', how = ''] = line.split(' # ');
      return { line, how, args: command.slice(prefix.length).trim().split(' ') };
    });
}

/** The first block of a document marked with a language. */
function firstBlock(document: string, language: string): string {
  const text = readFileSync(join(root, document), 'utf8');
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1] ?? '';
}

/** Runs the examples of a document one after the other, as a reader would. */
function runExamples(
  document: string,
  prepare: (project: Scratch) => Promise<RunningCommand | undefined>,
): void {
  let project: Scratch;
  let bridge: RunningCommand | undefined;
  beforeAll(async () => {
    project = openScratch();
    bridge = await prepare(project);
  });
  afterAll(() => project?.close());

  async function openBridge(): Promise<void> {
    await project.radon('emu', 'start', 'gauge-1');
    bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
    await bridge.until(/gauge-1: up/);
    await bridge.until(/^CoAP /m);
  }

  /** Ports are free ones here, not those that readers see. */
  async function withPorts(args: readonly string[]): Promise<string[]> {
    if (!args.some((arg) => /(coap|http):\/\//.test(arg))) return [...args];
    const nodes = JSON.parse((await project.radon('ls', '--json')).stdout) as {
      name: string;
      coap?: string;
    }[];
    const board = nodes.find(({ name }) => name === 'gauge-1')?.coap ?? '';
    const own = (scheme: string): string =>
      new RegExp(`${scheme}://127\\.0\\.0\\.1:\\d+`).exec(bridge?.text() ?? '')?.[0] ?? '';
    return args.map((arg) =>
      arg
        .replace('coap://127.0.0.1:5701', board)
        .replace('coap://127.0.0.1:5683', own('coap'))
        .replace('http://127.0.0.1:8080', own('http')),
    );
  }

  it.each(examplesOf(document))('$line', async ({ args, how }) => {
    expect(how).toMatch(/^(|until Ctrl-C|in the background|after the bridge)$/);
    if (how === 'in the background') return openBridge();
    if (how === 'after the bridge') await bridge?.interrupt();
    if (how === 'until Ctrl-C') {
      const command = project.start(...(await withPorts(args)));
      await command.until(waiting[args[0] ?? ''] ?? /line up|started gauge-1/);
      expect(await command.interrupt()).toMatchObject({ code: 130 });
      return;
    }
    const result = await project.radon(...(await withPorts(args)));
    expect(result).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/^radon /m) });
  });
}

describe('docs/reference/cli.md', () => {
  runExamples('docs/reference/cli.md', async (project) => {
    const data = 'seattle-precipitation.csv';
    copyFileSync(join(root, 'atoms-as/examples/rain', data), join(project.folder, data));
    project.write('app.json', firstBlock('docs/reference/cli.md', 'json'));
    // Only copied there: test/cli/outside.test.ts installs real ones.
    for (const name of ['toolchain', 'bridge', 'atoms-as'])
      project.write(`dist/packages/radon-${name}-0.1.0.tgz`, '');
    compileCEcho(project.folder);
    return undefined;
  });

  it('has a section for every command', () => {
    const text = readFileSync(join(root, 'docs/reference/cli.md'), 'utf8');
    const headings = [...text.matchAll(/^### `(.*)`$/gm)].map(([, heading = '']) => heading);
    const named = headings.flatMap((heading) => (heading.split(' ')[0] ?? '').split('|'));
    expect(commandNames.filter((name) => !named.includes(name))).toEqual([]);
  });
});

describe('docs/guide/getting-started.md', () => {
  runExamples('docs/guide/getting-started.md', async (project) => {
    await project.radon('emu', 'start', 'gauge-1');
    const bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
    await bridge.until(/gauge-1: up/);
    await bridge.until(/^CoAP /m);
    return bridge;
  });
});

import { readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { NodePort } from '@radon/bridge/registry';
import { findAtomFolder } from '../atoms/find.ts';
import { pushToNode } from '../atoms/push.ts';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { describeFailure } from '../describe-failure.ts';
import { withSession } from '../nodes/open.ts';
import { formatBytes, formatDuration } from '../output.ts';
import { followNode } from './logs.ts';
import { pushTargets, refusal } from './push.ts';

/** Editors write a file in several steps; changes this close together are one. */
const quietMs = 20;

/** Whether a changed file goes into an atom: not its tests, not what editors keep beside a file. */
const isSource = (file: string) => /^[^.].*\.(ts|json)$/.test(file) && !file.endsWith('.test.ts');

/** Programs that empty a file before they write it are not done yet. */
function isEmpty(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 1) === 0;
}

/** A folder and what is below it, without hidden and installed ones. */
function foldersBelow(folder: string): readonly string[] {
  const inner = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules',
  );
  return [folder, ...inner.flatMap(({ name }) => foldersBelow(join(folder, name)))];
}

interface Changes {
  /** Resolves at the next change of a source after the last call; also when it came meanwhile. */
  next(): Promise<void>;
  close(): void;
}

/** Watches the sources below a folder; a save during a build is not missed. */
function watchSources(folder: string): Changes {
  let pending = false;
  let wake: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    pending = true;
    wake?.();
  };
  const changed = (place: string, file: string | null) => {
    if (file === null || !isSource(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => isEmpty(join(place, file)) || tell(), quietMs);
  };
  const watchers = foldersBelow(folder).map((place) => watch(place, (_event, file) => changed(place, file)));
  return {
    async next() {
      if (!pending) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
    },
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** One round: build, sign, push everywhere; what goes wrong is said and the watch goes on. */
async function round(folder: string, nodes: readonly NodePort[], context: CommandContext): Promise<void> {
  const { signNamed } = await import('../atoms/build.ts');
  const { output, signal } = context;
  const began = performance.now();
  try {
    const atom = await signNamed(folder, context);
    const { name } = atom.image.manifest;
    const buildMs = performance.now() - began;
    for (const node of nodes) {
      const { sent, elapsedMs } = await pushToNode(node, atom, context).catch((error: unknown) => {
        throw refusal(name, node.name, error);
      });
      const totalMs = performance.now() - began;
      output.result({ atom: name, node: node.name, buildMs, pushMs: elapsedMs, totalMs });
      output.line(
        `${name} runs on ${node.name}  ${formatDuration(totalMs)} (built in ${formatDuration(buildMs)}, ${formatBytes(sent)} pushed in ${formatDuration(elapsedMs)})`,
      );
    }
  } catch (error) {
    if (signal.aborted) throw error;
    showFailure(error, context);
  }
}

function showFailure(error: unknown, { output }: CommandContext): void {
  const { message: sentence, remedy } = describeFailure(error);
  output.progress();
  output.result({ error: { sentence, remedy } });
  output.note(sentence);
  if (remedy !== '') output.note(`  ${remedy}`);
}

async function develop(atom: string, nodes: readonly NodePort[], context: CommandContext): Promise<never> {
  const folder = findAtomFolder(context.workspace, atom);
  const changes = watchSources(folder);
  const { warmCompiler } = await import('../atoms/build.ts');
  const logs = Promise.all(nodes.map((node) => followNode(node, nodes.length > 1, context)));
  logs.catch(() => undefined);
  try {
    await round(folder, nodes, context);
    context.output.note(`Watching ${folder} (Ctrl-C ends it).`);
    warmCompiler(folder, context.signal);
    for (;;) {
      await Promise.race([changes.next(), logs]);
      await round(folder, nodes, context);
    }
  } finally {
    changes.close();
  }
}

const dev: CommandModule = (program, context) => {
  program
    .command('dev')
    .description('Watch an atom: on every save rebuild, push, and show its logs, until Ctrl-C.')
    .argument('[atom]', 'name or folder', '.')
    .option('--to <node...>', 'to these nodes (default: every board that answers)')
    .addHelpText('after', `\nExample: ${invocation} dev rain`)
    .action((atom: string, options: { to?: string[] }) =>
      withSession(context, async (session) => {
        findAtomFolder(context.workspace, atom);
        await develop(atom, await pushTargets(session, options.to ?? [], context), context);
      }),
    );
};

export default dev;

import { watch } from 'node:fs';
import { basename } from 'node:path';
import type { NodePort } from '@radon/bridge/registry';
import { findAtomFolder } from '../atoms/find.ts';
import { pushToNode } from '../atoms/push.ts';
import { signImage } from '../atoms/sign-image.ts';
import { buildAtom, readAtomProject } from '../build/index.ts';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { CommandFailure } from '../failure.ts';
import { withSession } from '../nodes/open.ts';
import { formatBytes, formatDuration } from '../output.ts';
import { followNode } from './logs.ts';
import { pushTargets } from './push.ts';

/** Editors write a file in several steps; changes this close together are one. */
const quietMs = 25;

/** Resolves at the next change of a source in `folder`; rejects when the signal fires. */
function nextChange(folder: string, signal: AbortSignal): { changed: Promise<void>; close(): void } {
  let close = () => {};
  const changed = new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const watcher = watch(folder, { recursive: false }, (_event, file) => {
      if (file === null || !/\.(ts|json)$/.test(basename(file)) || file.endsWith('.test.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(resolve, quietMs);
    });
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    close = () => {
      clearTimeout(timer);
      watcher.close();
      signal.removeEventListener('abort', abort);
    };
  });
  return { changed, close: () => close() };
}

/** One round: build, sign, push everywhere; what goes wrong is said and the watch goes on. */
async function round(folder: string, nodes: readonly NodePort[], context: CommandContext): Promise<void> {
  const { workspace, output, signal } = context;
  const began = performance.now();
  try {
    const project = readAtomProject(folder);
    const built = await buildAtom(project, { measure: workspace, signal });
    for (const warning of built.warnings) output.note(`${warning.file}:${warning.line}: ${warning.message}`);
    const image = signImage(workspace, built);
    const buildMs = performance.now() - began;
    for (const node of nodes) {
      const { sent, elapsedMs } = await pushToNode(node, image, context);
      const totalMs = performance.now() - began;
      output.result({ atom: built.name, node: node.name, buildMs, pushMs: elapsedMs, totalMs });
      output.line(
        `${built.name} runs on ${node.name}  ${formatDuration(totalMs)} (built in ${formatDuration(buildMs)}, ${formatBytes(sent)} pushed in ${formatDuration(elapsedMs)})`,
      );
    }
  } catch (error) {
    if (signal.aborted) throw error;
    output.progress();
    output.note(error instanceof Error ? error.message : String(error));
    if (error instanceof CommandFailure && error.remedy !== '') output.note(`  ${error.remedy}`);
  }
}

const dev: CommandModule = (program, context) => {
  const { workspace, output, signal } = context;
  program
    .command('dev')
    .description('Watch an atom: on every save rebuild, push, and show its logs, until Ctrl-C.')
    .argument('[atom]', 'name or folder', '.')
    .option('--to <node...>', 'to these nodes (default: every board that answers)')
    .addHelpText('after', `\nExample: ${invocation} dev rain`)
    .action((atom: string, options: { to?: string[] }) =>
      withSession(context, async (session) => {
        const folder = findAtomFolder(workspace, atom);
        const nodes = await pushTargets(session, options.to ?? [], output);
        const logs = Promise.all(nodes.map((node) => followNode(node, nodes.length > 1, context)));
        logs.catch(() => undefined);
        for (;;) {
          // Listening starts before the build, so that a save during it is not missed.
          const { changed, close } = nextChange(folder, signal);
          changed.catch(() => undefined);
          try {
            await round(folder, nodes, context);
            await Promise.race([changed, logs]);
          } finally {
            close();
          }
        }
      }),
    );
};

export default dev;

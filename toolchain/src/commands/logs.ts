import { followLog, type LogLine, readLog } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { hasFunctionNumber, nameFunction } from '../atoms/function-names.ts';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { reachableNodes, withSession } from '../nodes/open.ts';
import { readAtoms } from '../nodes/state.ts';

/** `12.345 WARN  rain  threshold passed`, with the node in front when there are several. */
export function formatLogLine({ timeMs, level, name, line }: LogLine, node?: string): string {
  const time = (timeMs / 1000).toFixed(3).padStart(9);
  return `${node === undefined ? '' : `${node}  `}${time} ${level.padEnd(5)} ${name}  ${line}`;
}

function print(node: string, lines: readonly LogLine[], several: boolean, { output }: CommandContext): void {
  for (const line of lines) {
    output.result({ node, ...line });
    output.line(formatLogLine(line, several ? node : undefined));
  }
}

/** The lines of traps with the names of functions, for atoms whose running image was built here. */
async function withFunctionNames(
  node: NodePort,
  lines: readonly LogLine[],
  { workspace, signal }: CommandContext,
): Promise<readonly LogLine[]> {
  if (!lines.some(({ line }) => hasFunctionNumber(line))) return lines;
  const atoms = await readAtoms(node, signal).catch(() => []);
  const sequences = new Map(atoms.map(({ name, sequence }) => [name, sequence]));
  return lines.map((entry) => ({
    ...entry,
    line: nameFunction(entry.line, entry.name, sequences.get(entry.name), workspace),
  }));
}

/** Follows the log of one node until Ctrl-C; lines come out in the order they came in. */
export function followNode(node: NodePort, several: boolean, context: CommandContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    let printed: Promise<void> = Promise.resolve();
    const show = async (lines: readonly LogLine[]) =>
      print(node.name, await withFunctionNames(node, lines, context), several, context);
    const observation = followLog(node, {
      lines: (lines) => {
        printed = printed.then(() => show(lines)).catch(reject);
      },
      lost: () => context.output.note(`${node.name} is lost`),
      back: () => context.output.note(`${node.name} is back`),
      end: reject,
    });
    const stop = () => {
      observation.close();
      reject(context.signal.reason);
    };
    if (context.signal.aborted) stop();
    else context.signal.addEventListener('abort', stop, { once: true });
  });
}

async function printRecent(node: NodePort, several: boolean, context: CommandContext): Promise<void> {
  const lines = await readLog(node, context.signal);
  print(node.name, await withFunctionNames(node, lines, context), several, context);
}

const logs: CommandModule = (program, context) => {
  program
    .command('logs')
    .description('Recent log lines of nodes and their atoms.')
    .argument('[nodes...]', 'of these nodes (default: all that can be reached)')
    .option('-f, --follow', 'then new lines as they come, until Ctrl-C')
    .addHelpText('after', `\nExample: ${invocation} logs gauge-1 -f`)
    .action((names: string[], options: { follow?: boolean }) =>
      withSession(context, async (session) => {
        const nodes = await reachableNodes(session, names, context);
        const several = nodes.length > 1;
        if (options.follow === true)
          await Promise.all(nodes.map((node) => followNode(node, several, context)));
        for (const node of nodes) await printRecent(node, several, context);
      }),
    );
};

export default logs;

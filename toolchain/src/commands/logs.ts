import { followLog, type LogLine, readLog } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { reachableNodes, withSession } from '../nodes/open.ts';

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

/** Follows the log of one node until Ctrl-C. */
export function followNode(node: NodePort, several: boolean, context: CommandContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    const observation = followLog(node, {
      lines: (lines) => print(node.name, lines, several, context),
      lost: () => context.output.note(`${node.name} is lost`),
      back: () => context.output.note(`${node.name} is back`),
      end: reject,
    });
    context.signal.addEventListener('abort', () => {
      observation.close();
      reject(context.signal.reason);
    });
  });
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
        const nodes = await reachableNodes(session, names, context.output);
        const several = nodes.length > 1;
        if (options.follow === true)
          await Promise.all(nodes.map((node) => followNode(node, several, context)));
        for (const node of nodes) print(node.name, await readLog(node, context.signal), several, context);
      }),
    );
};

export default logs;

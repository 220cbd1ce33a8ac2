import { findAtomFolder } from '../atoms/find.ts';
import { pushToNode } from '../atoms/push.ts';
import { type SignOptions, signImage } from '../atoms/sign-image.ts';
import { buildAtom, readAtomProject } from '../build/index.ts';
import { type CommandModule, invocation } from '../command-line.ts';
import { CommandFailure, exitCode, unreachable } from '../failure.ts';
import { type NodeSession, reachableNodes, withSession } from '../nodes/open.ts';
import { formatBytes, formatDuration, type Output } from '../output.ts';

/** The named nodes, or every board that answers (never the host node unasked). */
export async function pushTargets(session: NodeSession, names: readonly string[], output: Output) {
  const nodes = await reachableNodes(session, names, output);
  const targets = names.length > 0 ? nodes : nodes.filter((node) => node.state().kind === 'device');
  if (targets.length > 0) return targets;
  throw unreachable(
    'No board can be reached.',
    'Start one (radon emu start NAME), or name a node with --to.',
  );
}

const push: CommandModule = (program, context) => {
  const { workspace, output, signal } = context;
  program
    .command('push')
    .description('Build if needed, sign, send, verify: the atom runs when this ends with 0.')
    .argument('[atom]', 'name or folder', '.')
    .option('--to <node...>', 'to these nodes (default: every board that answers)')
    .option('--key <name>', 'key to sign with')
    .option('--board <board>', 'only for this kind of board')
    .addHelpText('after', `\nExample: ${invocation} push rain --to gauge-1`)
    .action((atom: string, options: { to?: string[] } & SignOptions) =>
      withSession(context, async (session) => {
        const targets = await pushTargets(session, options.to ?? [], output);
        const project = readAtomProject(findAtomFolder(workspace, atom));
        const image = signImage(workspace, await buildAtom(project, { measure: workspace, signal }), options);
        const failures: unknown[] = [];
        for (const node of targets) {
          try {
            const { sent, elapsedMs } = await pushToNode(node, image, context);
            output.result({ atom: project.name, node: node.name, sent, ms: Math.round(elapsedMs) });
            const what = sent === 0 ? 'was there already' : `${formatBytes(sent)} sent`;
            output.line(
              `${project.name} on ${node.name}  ${what} and verified in ${formatDuration(elapsedMs)} · running`,
            );
          } catch (error) {
            if (signal.aborted || targets.length === 1) throw refusal(project.name, node.name, error);
            output.note(`radon push ${project.name}: ${refusal(project.name, node.name, error).message}`);
            failures.push(error);
          }
        }
        if (failures.length > 0) process.exitCode = exitCode.failed;
      }),
    );
};

/** The node's sentence, with who said it. */
function refusal(atom: string, node: string, error: unknown): Error {
  if (!(error instanceof Error) || error.name !== 'RadonError')
    return error instanceof Error ? error : new Error(String(error));
  const { remedy } = error as Error & { remedy: string };
  const sentence = `${node} refused ${atom}: ${error.message}`;
  return new CommandFailure(sentence, { remedy, cause: error });
}

export default push;

import { pushToNode } from '../atoms/push.ts';
import type { SignedAtom, SignOptions } from '../atoms/sign-image.ts';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { describeFailure } from '../describe-failure.ts';
import { CommandFailure, exitCode } from '../failure.ts';
import { type NodeSession, reachableNodes, withSession } from '../nodes/open.ts';
import { formatBytes, formatDuration } from '../output.ts';

/** The named nodes, or every board that answers (never the host node unasked). */
export function pushTargets(session: NodeSession, names: readonly string[], context: CommandContext) {
  return reachableNodes(session, names, context, (state) => state.kind === 'device');
}

type Target = Awaited<ReturnType<typeof pushTargets>>[number];

async function pushTo(node: Target, atom: SignedAtom, context: CommandContext): Promise<void> {
  const { output } = context;
  const { name } = atom.image.manifest;
  const { sent, elapsedMs } = await pushToNode(node, atom, context);
  output.result({ atom: name, node: node.name, sent, ms: Math.round(elapsedMs) });
  const what = sent === 0 ? 'was there already' : `${formatBytes(sent)} sent`;
  output.line(`${name} on ${node.name}  ${what} and verified in ${formatDuration(elapsedMs)} · running`);
}

/** The node's sentence, with who said it. */
export function refusal(atom: string, node: string, error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'RadonError') return error;
  const { remedy, code } = error as Error & { remedy: string; code: string };
  if (code === 'NODE_UNREACHABLE') return error;
  return new CommandFailure(`${node} refused ${atom}: ${error.message}`, { remedy, cause: error });
}

/** Pushes to one node after the other, also after a failure; throws what went wrong, together. */
async function pushToAll(nodes: readonly Target[], atom: SignedAtom, context: CommandContext): Promise<void> {
  const failures: { node: string; error: unknown }[] = [];
  for (const node of nodes) {
    try {
      await pushTo(node, atom, context);
    } catch (error) {
      const told = refusal(atom.image.manifest.name, node.name, error);
      if (context.signal.aborted || nodes.length === 1) throw told;
      failures.push({ node: node.name, error: told });
    }
  }
  if (failures.length > 0) throw failureOfSome(failures, nodes.length);
}

function failureOfSome(failures: readonly { node: string; error: unknown }[], total: number): CommandFailure {
  const described = failures.map(({ error }) => describeFailure(error));
  const remedies = new Set(described.map(({ remedy }) => remedy).filter((remedy) => remedy !== ''));
  return new CommandFailure(
    `${failures.length} of ${total} nodes do not run it: ${described.map(({ message }) => message).join(' ')}`,
    {
      remedy: [...remedies].join('\n  '),
      exitCode: exitCode.failed,
      details: { nodes: failures.map(({ node }) => node) },
      cause: failures[0]?.error,
    },
  );
}

const push: CommandModule = (program, context) => {
  program
    .command('push')
    .description('Build if needed, sign, send, verify: the atom runs when this ends with 0.')
    .argument('[atom]', 'name or folder', '.')
    .option('--to <node...>', 'to these nodes (default: every board that answers)')
    .option('--key <key>', 'key to sign with')
    .option('--board <kind>', 'only for this kind of board')
    .addHelpText('after', `\nExample: ${invocation} push rain --to gauge-1`)
    .action((atom: string, options: { to?: string[] } & SignOptions) =>
      withSession(context, async (session) => {
        const targets = await pushTargets(session, options.to ?? [], context);
        const { signNamed } = await import('../atoms/build.ts');
        await pushToAll(targets, await signNamed(atom, context, options), context);
      }),
    );
};

export default push;

import { type Destination, parseDestination } from '@radon/bridge/message';
import { method } from '@radon/bridge/tables';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { withDeadline } from '../deadline.ts';
import { readBody } from '../exchange.ts';
import { unreachable, usageFailure } from '../failure.ts';
import { messageTargets } from '../nodes/names.ts';
import { type NodeSession, withSession } from '../nodes/open.ts';
import { command, nodeRequest } from '../nodes/state.ts';
import { expectSuccess } from '../representation.ts';

/** Longer than a silent board on a serial line is waited for. */
const timeoutMs = 15_000;

function parseTo(text: string): Destination {
  const destination = parseDestination(text);
  if (destination !== undefined) return destination;
  throw usageFailure(`"${text}" is no destination.`, 'For example: echo, worker~2, gauge-1/rain');
}

/** The bridge finds the nodes; without one they are looked up here. */
async function deliver(
  session: NodeSession,
  to: Destination,
  payload: Uint8Array,
  signal: AbortSignal,
  context: CommandContext,
): Promise<void> {
  if (session.postToBridge !== undefined) {
    const path = to.node === undefined ? ['m', to.name] : ['m', to.node, to.name];
    expectSuccess(await session.postToBridge(path, payload, signal), 'bridge');
    return;
  }
  const message = nodeRequest({ method: method.POST, path: ['m', to.name], payload });
  for (const node of await messageTargets(session, to, context)) await command(node, message, signal);
}

const send: CommandModule = (program, context) => {
  program
    .command('send')
    .description('Send a message to an atom, an instance or an alias; done when it is in the inbox.')
    .argument('<to>', 'ATOM, ATOM~N, ALIAS or NODE/… one of these')
    .argument('[body]', 'of the message')
    .option('--file <file>', 'body from a file, - for standard input')
    .addHelpText('after', `\nExample: ${invocation} send echo hello`)
    .action((text: string, data: string | undefined, options: { file?: string }) => {
      const to = parseTo(text);
      const payload = readBody({ data, file: options.file }) ?? new Uint8Array(0);
      return withSession(context, async (session) => {
        await withDeadline(timeoutMs, context.signal, (deadline) =>
          deliver(session, to, payload, deadline, context).catch((error: unknown) => {
            if (!deadline.aborted || context.signal.aborted) throw error;
            throw unreachable(`It is not known what became of the message to ${text}: no answer came.`);
          }),
        );
        context.output.result({ to: text, bytes: payload.length });
        context.output.line(`${text} has it (${payload.length} bytes)`);
      });
    });
};

export default send;

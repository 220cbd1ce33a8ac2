import { encodeFields } from '@radon/bridge/fields';
import { contentFormat, method } from '@radon/bridge/tables';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { atomTargets, withSession } from '../nodes/open.ts';
import { command, nodeRequest } from '../nodes/state.ts';

const verbs = {
  stop: { description: 'Stop an atom; its stored values stay.', past: 'stopped' },
  start: { description: 'Start a stopped atom.', past: 'started' },
  restart: { description: 'Restart an atom with fresh memory.', past: 'restarted' },
  rm: { description: 'Remove an atom, its code and what it stored.', past: 'removed' },
} as const;

type Verb = keyof typeof verbs;

function requestFor(verb: Verb, atom: string) {
  if (verb === 'rm') return nodeRequest({ method: method.DELETE, path: ['atoms', atom] });
  const payload = encodeFields({ command: verb });
  return nodeRequest({
    method: method.POST,
    path: ['atoms', atom],
    payload,
    contentFormat: contentFormat.CBOR,
  });
}

async function control(
  verb: Verb,
  atom: string,
  to: readonly string[],
  context: CommandContext,
): Promise<void> {
  await withSession(context, async (session) => {
    const nodes = await atomTargets(session, atom, to, context);
    for (const node of nodes) {
      await command(node, requestFor(verb, atom), context.signal);
      context.output.line(`${atom} on ${node.name} ${verbs[verb].past}`);
    }
    context.output.result({ atom, nodes: nodes.map((node) => node.name), done: verbs[verb].past });
  });
}

const register: CommandModule = (program, context) => {
  for (const verb of Object.keys(verbs) as Verb[]) {
    program
      .command(verb)
      .argument('<atom>')
      .description(verbs[verb].description)
      .option('--on <node...>', 'only on these nodes (default: every node that holds it)')
      .addHelpText('after', `\nExample: ${invocation} ${verb} rain`)
      .action((atom: string, options: { on?: string[] }) => control(verb, atom, options.on ?? [], context));
  }
};

export default register;

import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { controlAtom, removeAtom } from '../nodes/control.ts';
import { atomTargets, withSession } from '../nodes/open.ts';

const verbs = {
  stop: { description: 'Stop an atom; its stored values stay.', past: 'stopped' },
  start: { description: 'Start a stopped atom.', past: 'started' },
  restart: { description: 'Restart an atom with fresh memory.', past: 'restarted' },
  rm: { description: 'Remove an atom, its code and what it stored.', past: 'removed' },
} as const;

type Verb = keyof typeof verbs;

async function control(
  verb: Verb,
  atom: string,
  to: readonly string[],
  context: CommandContext,
): Promise<void> {
  await withSession(context, async (session) => {
    const nodes = await atomTargets(session, atom, to, context);
    for (const node of nodes) {
      if (verb === 'rm') await removeAtom(node, atom, context.signal);
      else await controlAtom(node, atom, verb, context.signal);
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

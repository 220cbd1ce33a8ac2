import { type CommandModule, invocation } from '../command-line.ts';
import { atomColumns, atomNotes, atomRows } from '../nodes/atom-rows.ts';
import { reachableNodes, withSession } from '../nodes/open.ts';
import { type AtomState, readAtoms } from '../nodes/state.ts';

const ps: CommandModule = (program, context) => {
  const { output, workspace, signal } = context;
  program
    .command('ps')
    .description('Atoms and their instances with phase, queues (waiting/ready/done), memory and storage.')
    .argument('[nodes...]', 'only on these nodes')
    .addHelpText('after', `\nExample: ${invocation} ps`)
    .action((names: string[]) =>
      withSession(context, async (session) => {
        const nodes = await reachableNodes(session, names, context);
        const found: { node: string; atom: AtomState }[] = [];
        for (const node of nodes) {
          for (const atom of await readAtoms(node, signal)) found.push({ node: node.name, atom });
        }
        output.result(found.map(({ node, atom }) => ({ node, ...atom })));
        if (found.length === 0) {
          output.line(`No atoms yet: ${invocation} push NAME`);
          return;
        }
        output.table(
          atomColumns,
          found.flatMap(({ node, atom }) => atomRows(node, atom)),
        );
        const notes = found.flatMap(({ node, atom }) => atomNotes(node, atom, workspace));
        for (const note of notes) output.line(note);
      }),
    );
};

export default ps;

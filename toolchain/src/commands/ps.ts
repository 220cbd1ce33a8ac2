import { type CommandModule, invocation } from '../command-line.ts';
import { reachableNodes, withSession } from '../nodes/open.ts';
import { type AtomState, readAtoms } from '../nodes/state.ts';
import { formatBytes } from '../output.ts';

const row = (node: string, atom: AtomState): string[] => [
  node,
  atom.name,
  atom.version,
  atom.phase,
  `${atom.inbox.waiting}/${atom.inbox.ready}/${atom.inbox.done}`,
  atom.inbox.dropped === 0 ? '-' : String(atom.inbox.dropped),
  formatBytes(atom.memory.total),
  atom.storage.total === 0 ? '-' : `${atom.storage.used}/${atom.storage.total}`,
  String(atom.restarts),
];

const ps: CommandModule = (program, context) => {
  program
    .command('ps')
    .description('Atoms with phase, queues (waiting/ready/done), memory and storage.')
    .argument('[nodes...]', 'only on these nodes')
    .addHelpText('after', `\nExample: ${invocation} ps`)
    .action((names: string[]) =>
      withSession(context, async (session) => {
        const nodes = await reachableNodes(session, names, context);
        const found: { node: string; atom: AtomState }[] = [];
        for (const node of nodes) {
          for (const atom of await readAtoms(node, context.signal)) found.push({ node: node.name, atom });
        }
        context.output.result(found.map(({ node, atom }) => ({ node, ...atom })));
        if (found.length === 0) context.output.line(`No atoms yet: ${invocation} push NAME`);
        else {
          const head = [
            'NODE',
            'ATOM',
            'VERSION',
            'PHASE',
            'W/R/D',
            'DROPPED',
            'MEMORY',
            'STORAGE',
            'RESTARTS',
          ];
          context.output.table(
            head,
            found.map(({ node, atom }) => row(node, atom)),
          );
        }
      }),
    );
};

export default ps;

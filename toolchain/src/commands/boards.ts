import { listBoards } from '../boards.ts';
import { type CommandModule, invocation } from '../command-line.ts';
import { formatBytes } from '../output.ts';

const boards: CommandModule = (program, { workspace, output }) => {
  program
    .command('boards')
    .description('The kinds of board this toolchain knows.')
    .addHelpText('after', `\nExample: ${invocation} boards`)
    .action(() => {
      const known = listBoards(workspace);
      output.result(known);
      output.table(
        ['BOARD', 'FLASH', 'EMULATORS', 'WHAT'],
        known.map((board) => [
          board.name,
          formatBytes(board.flash.size),
          Object.keys(board.emulators).join(', '),
          board.title,
        ]),
      );
    });
};

export default boards;

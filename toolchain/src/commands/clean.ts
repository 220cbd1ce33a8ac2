import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandModule, invocation } from '../command-line.ts';
import { stopEmulatedBoard } from '../emulator/start.ts';
import { listEmulatedBoards } from '../emulator/state.ts';

const clean: CommandModule = (program, { workspace, output }) => {
  program
    .command('clean')
    .description(
      'Stop emulated boards and remove what was built and recorded in .radon. Keys stay unless asked.',
    )
    .option('--keys', 'remove the signing keys as well: boards then refuse what they signed later')
    .addHelpText('after', `\nExample: ${invocation} clean`)
    .action(async (options: { keys?: boolean }) => {
      for (const { board } of listEmulatedBoards(workspace)) await stopEmulatedBoard(workspace, board);
      const folders = ['emu', 'build', 'cache', 'run', 'host', ...(options.keys === true ? ['keys'] : [])];
      for (const folder of folders) rmSync(join(workspace.radon, folder), { recursive: true, force: true });
      output.result({ removed: folders });
      output.line(`Removed ${folders.map((folder) => `.radon/${folder}`).join(', ')}.`);
    });
};

export default clean;

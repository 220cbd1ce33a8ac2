import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readBridgeRecord } from '@radon/bridge/process';
import { type CommandModule, invocation } from '../command-line.ts';
import { stopEmulatedBoard } from '../emulator/start.ts';
import { listEmulatedBoards } from '../emulator/state.ts';
import { CommandFailure } from '../failure.ts';

const clean: CommandModule = (program, { workspace, output }) => {
  program
    .command('clean')
    .description(
      'Stop emulated boards and remove what was built and recorded in .radon. Keys stay unless asked; tokens and the audit log stay.',
    )
    .option('--keys', 'remove the signing keys as well: boards then refuse what they signed later')
    .addHelpText('after', `\nExample: ${invocation} clean`)
    .action(async (options: { keys?: boolean }) => {
      const bridge = readBridgeRecord(workspace.radon);
      if (bridge !== undefined) {
        throw new CommandFailure(`A bridge (pid ${bridge.pid}) runs here.`, {
          remedy: 'Stop it first (Ctrl-C in its terminal).',
        });
      }
      for (const { board } of listEmulatedBoards(workspace)) await stopEmulatedBoard(workspace, board);
      const folders = [
        'emu',
        'build',
        'cache',
        'run',
        'host',
        'apps',
        'registrations',
        'observations',
        'history',
        ...(options.keys === true ? ['keys'] : []),
      ];
      for (const folder of folders) rmSync(join(workspace.radon, folder), { recursive: true, force: true });
      output.result({ removed: folders });
      output.line(`Removed ${folders.map((folder) => `.radon/${folder}`).join(', ')}.`);
    });
};

export default clean;

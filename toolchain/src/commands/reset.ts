import { type CommandModule, invocation } from '../command-line.ts';
import { factoryReset, selectBoards } from '../emulator/fleet.ts';

const reset: CommandModule = (program, { workspace, output }) => {
  program
    .command('reset')
    .description(
      'Bring an emulated board back to its factory state: no atoms, no stored values; its id and name stay.',
    )
    .argument('<board>')
    .addHelpText('after', `\nExample: ${invocation} reset gauge-1`)
    .action(async (name: string) => {
      for (const board of selectBoards(workspace, [name])) await factoryReset(workspace, board);
      output.result({ reset: name });
      output.line(`${name} is as from the factory and runs.`);
    });
};

export default reset;

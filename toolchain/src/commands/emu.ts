import { join } from 'node:path';
import { Option } from 'commander';
import { defaultBoard } from '../boards.ts';
import { type CommandModule, invocation } from '../command-line.ts';
import { powerCycle, selectBoards, startBoard } from '../emulator/fleet.ts';
import { stopEmulatedBoard } from '../emulator/start.ts';
import { type EmulatedBoard, type Emulator, emulators, listEmulatedBoards } from '../emulator/state.ts';
import { usageFailure } from '../failure.ts';
import { wholeNumberOption } from '../number-option.ts';
import { formatDuration } from '../output.ts';

function parseEmulator(text: string): Emulator {
  const known: readonly string[] = emulators;
  if (!known.includes(text))
    throw usageFailure(`"${text}" is no emulator.`, `Emulators: ${known.join(', ')}.`);
  return text as Emulator;
}

/** The given names, or `board-1` … `board-N`. */
function namesToStart(names: readonly string[], count: number | undefined): readonly string[] {
  if (names.length > 0) return names;
  return Array.from({ length: count ?? 1 }, (_, index) => `board-${index + 1}`);
}

const summary = (board: EmulatedBoard, running: boolean) => ({
  name: board.name,
  board: board.board,
  emulator: board.emulator,
  running,
  ...(running
    ? { pid: board.pid, serial: board.socket, ...(board.gdb === undefined ? {} : { gdb: board.gdb }) }
    : {}),
  flash: board.flash,
});

const emu: CommandModule = (program, { workspace, output }) => {
  const command = program
    .command('emu')
    .description('Emulated boards: detached processes, each with a flash image that survives power cycles.')
    .addHelpText('after', `\nExample: ${invocation} emu start gauge-1`);

  command
    .command('start')
    .argument('[boards...]')
    .description('start boards, or bring them back to the current firmware')
    .option('--board <kind>', 'kind of board', defaultBoard)
    .addOption(
      new Option('--emulator <emulator>', 'what runs it')
        .choices(emulators)
        .argParser(parseEmulator)
        .default('qemu'),
    )
    .option('--count <n>', 'how many, when no names are given', wholeNumberOption('--count', 1, 64))
    .option('--power-cycle', 'cut the power of a running board first')
    .option('--debug', 'wait for a debugger before the first instruction')
    .addHelpText('after', `\nExample: ${invocation} emu start gauge-1`)
    .action(
      async (
        names: string[],
        options: { board: string; emulator: Emulator; count?: number; powerCycle?: boolean; debug?: boolean },
      ) => {
        for (const name of namesToStart(names, options.count)) {
          const began = performance.now();
          const known = listEmulatedBoards(workspace).find((entry) => entry.board.name === name);
          const result =
            options.powerCycle === true && known?.running === true
              ? await powerCycle(workspace, known.board)
              : await startBoard(workspace, name, { ...options, halted: options.debug === true });
          const took = formatDuration(performance.now() - began);
          output.result({ ...summary(result.board, true), adopted: result.adopted, flashed: result.flashed });
          const what = result.adopted
            ? 'runs already'
            : `${result.flashed ? 'flashed and ' : ''}started in ${took}`;
          output.line(`${name}  ${options.board} on ${options.emulator}  ${what}`);
          if (options.debug === true && result.board.gdb !== undefined) {
            const elf = join(workspace.distribution, 'firmware', 'build', options.board, 'radon.elf');
            output.line(`  gdb-multiarch ${elf} -ex 'target remote ${result.board.gdb}'`);
          }
        }
      },
    );

  command
    .command('list')
    .description('every board that was started here')
    .addHelpText('after', `\nExample: ${invocation} emu list`)
    .action(() => {
      const all = listEmulatedBoards(workspace);
      output.result(all.map(({ board, running }) => summary(board, running)));
      if (all.length === 0) output.line(`No board was started here yet: ${invocation} emu start NAME`);
      else {
        output.table(
          ['NAME', 'BOARD', 'EMULATOR', 'STATE', 'SERIAL LINE'],
          all.map(({ board, running }) => [
            board.name,
            board.board,
            board.emulator,
            running ? `pid ${board.pid}` : 'stopped',
            running ? board.socket : '-',
          ]),
        );
      }
    });

  command
    .command('stop')
    .argument('[boards...]')
    .description('stop boards (all that run, when none is named); their flash images stay')
    .addHelpText('after', `\nExample: ${invocation} emu stop gauge-1`)
    .action(async (names: string[]) => {
      const boards = selectBoards(workspace, names);
      for (const board of boards) {
        await stopEmulatedBoard(workspace, board);
        output.line(`${board.name} stopped`);
      }
      output.result(boards.map((board) => board.name));
      if (boards.length === 0) output.line('No board runs.');
    });
};

export default emu;

import { defaultBoard, loadBoard } from '../boards.ts';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { startBoard } from '../emulator/fleet.ts';
import { stopEmulatedBoard } from '../emulator/start.ts';
import { listEmulatedBoards } from '../emulator/state.ts';
import { CommandFailure, usageFailure } from '../failure.ts';
import {
  boardIdentity,
  planFlash,
  provisioningRecord,
  readFirmware,
  writePlan,
} from '../flash/flash-board.ts';
import { type GdbAddress, openGdbRemote } from '../gdb/remote.ts';
import { formatBytes, formatDuration } from '../output.ts';

function parseGdbAddress(text: string): GdbAddress {
  const match = /^(?:(.*):)?(\d{1,5})$/.exec(text);
  if (match !== null) return { host: match[1] || '127.0.0.1', port: Number(match[2]) };
  if (text.includes('/')) return { path: text };
  throw usageFailure(
    `"${text}" is no address of a debug server.`,
    'Give HOST:PORT, PORT or the path of a socket.',
  );
}

/** An emulated board is restarted: starting writes whatever its flash lacks, through the emulator's debug stub. */
async function flashEmulated(name: string, context: CommandContext): Promise<boolean> {
  const known = listEmulatedBoards(context.workspace).find((entry) => entry.board.name === name);
  if (known === undefined) return false;
  const began = performance.now();
  await stopEmulatedBoard(context.workspace, known.board);
  const { flashed } = await startBoard(context.workspace, name, known.board);
  context.output.result({ board: name, flashed });
  const what = flashed ? 'flashed' : 'holds this firmware and provisioning already';
  context.output.line(`${name} ${what}, restarted in ${formatDuration(performance.now() - began)}`);
  return true;
}

const flash: CommandModule = (program, context) => {
  const { workspace, output } = context;
  program
    .command('flash')
    .description(
      'Write firmware and provisioning (id, name, trusted keys) over the GDB protocol. Atoms and stored values stay.',
    )
    .argument('<board>', 'an emulated board, or the name a real board gets')
    .option(
      '--gdb <address>',
      'debug server of a real board (OpenOCD, probe-rs): HOST:PORT or socket',
      parseGdbAddress,
    )
    .option('--board <kind>', 'kind of the real board', defaultBoard)
    .addHelpText(
      'after',
      `\nExample: ${invocation} flash gauge-1\n         ${invocation} flash gauge-2 --gdb 127.0.0.1:3333`,
    )
    .action(async (name: string, options: { gdb?: GdbAddress; board: string }) => {
      if (options.gdb === undefined) {
        if (await flashEmulated(name, context)) return;
        throw new CommandFailure(`There is no emulated board ${name}.`, {
          remedy: `Start it (radon emu start ${name}) or name a debug server with --gdb.`,
        });
      }
      const board = loadBoard(workspace, options.board);
      const identity = boardIdentity(workspace.folder('devices', name));
      const plan = planFlash(
        board,
        readFirmware(workspace, board),
        provisioningRecord(workspace, board, name, identity),
      );
      const gdb = await openGdbRemote(options.gdb);
      try {
        await writePlan(gdb, plan, (done) =>
          output.progress(`${formatBytes(done)} of ${formatBytes(plan.total)}`),
        );
        await gdb.reset();
      } finally {
        gdb.close();
      }
      output.result({ board: name, flashed: true, bytes: plan.total });
      output.line(`${name} holds ${formatBytes(plan.total)} of firmware and provisioning and was restarted`);
    });
};

export default flash;

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isRunning } from '@radon/bridge/process';
import { type Board, loadBoard } from '../boards.ts';
import { CommandFailure, unreachable, usageFailure } from '../failure.ts';
import {
  boardIdentity,
  type FlashPlan,
  planFlash,
  provisioningRecord,
  readFirmware,
  saveQemuFlash,
  writePlan,
} from '../flash/flash-board.ts';
import type { Workspace } from '../workspace.ts';
import { startPosix, startQemu, stopEmulatedBoard } from './start.ts';
import { type EmulatedBoard, type Emulator, listEmulatedBoards, readEmulatedBoard } from './state.ts';

const boardName = /^[a-z][a-z0-9-]{0,31}$/;

export interface StartOptions {
  readonly board: string;
  readonly emulator: Emulator;
  /** Leave the machine standing before its first instruction, for a debugger. */
  readonly halted?: boolean;
}

export interface StartResult {
  readonly board: EmulatedBoard;
  /** It ran already. */
  readonly adopted: boolean;
  /** Firmware or provisioning were written. */
  readonly flashed: boolean;
}

function checkName(name: string): void {
  if (boardName.test(name)) return;
  throw usageFailure(
    `"${name}" is no board name.`,
    'Use lower-case letters, digits and hyphens, at most 32, a letter first.',
  );
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

function checkEmulator(emulator: Emulator): void {
  if (emulator !== 'renode') return;
  const remedy = 'Leave out --emulator to use QEMU';
  if (isOnPath('renode')) {
    throw unreachable('This version has no platform files for Renode yet.', `${remedy}.`);
  }
  throw unreachable(
    'Renode is not installed: no command "renode" is on the PATH.',
    `${remedy}, or install Renode from its project.`,
  );
}

/** The parts of a plan that the flash image does not hold yet. */
function missingParts(plan: FlashPlan, board: Board, image: Buffer): FlashPlan {
  const parts = plan.parts.filter(({ address, bytes }) => {
    const at = address - board.flash.base;
    return !image.subarray(at, at + bytes.length).equals(bytes);
  });
  return { parts, total: parts.reduce((sum, part) => sum + part.bytes.length, 0) };
}

/**
 * Starts one emulated board, with the current firmware and provisioning in its flash; atoms and what they stored stay.
 * A board that runs already is left alone.
 */
export async function startBoard(
  workspace: Workspace,
  name: string,
  options: StartOptions,
): Promise<StartResult> {
  checkName(name);
  checkEmulator(options.emulator);
  const known = readEmulatedBoard(workspace, name);
  if (known !== undefined && isRunning(known)) return { board: known, adopted: true, flashed: false };
  const board = loadBoard(workspace, options.board);
  const folder = workspace.folder('emu', name);
  const provisioning = provisioningRecord(workspace, board, name, boardIdentity(folder));
  if (options.emulator === 'posix') {
    return { board: await startPosix(workspace, name, board, provisioning), adopted: false, flashed: true };
  }
  return startOnQemu(workspace, name, board, provisioning, options.halted === true);
}

/** Starts QEMU with the machine standing still, writes what its flash lacks, lets it run. */
async function startOnQemu(
  workspace: Workspace,
  name: string,
  board: Board,
  provisioning: Uint8Array,
  halted: boolean,
): Promise<StartResult> {
  const image = readFirmware(workspace, board);
  const started = await startQemu(workspace, name, board);
  const { flash } = started.board;
  const plan = missingParts(planFlash(board, image, provisioning), board, readFileSync(flash));
  try {
    if (plan.parts.length > 0) {
      await writePlan(started.gdb, plan);
      await saveQemuFlash(started.gdb, board, flash);
    }
    await started.run(halted);
  } catch (error) {
    await stopEmulatedBoard(workspace, started.board);
    throw error;
  }
  return { board: started.board, adopted: false, flashed: plan.parts.length > 0 };
}

/** Boards to act on: the named ones, or all that run. Throws for a name that was never started here. */
export function selectBoards(workspace: Workspace, names: readonly string[]): readonly EmulatedBoard[] {
  const all = listEmulatedBoards(workspace);
  if (names.length === 0) return all.filter((entry) => entry.running).map((entry) => entry.board);
  return names.map((name) => {
    const found = all.find((entry) => entry.board.name === name);
    if (found === undefined) {
      throw new CommandFailure(`There is no emulated board ${name}.`, {
        remedy: 'radon emu list shows them.',
      });
    }
    return found.board;
  });
}

/** Cuts the power (the process is killed, nothing is flushed) and starts the board again with what its flash holds. */
export async function powerCycle(workspace: Workspace, board: EmulatedBoard): Promise<StartResult> {
  if (isRunning(board)) process.kill(board.pid, 'SIGKILL');
  await stopEmulatedBoard(workspace, board);
  return startBoard(workspace, board.name, { board: board.board, emulator: board.emulator });
}

/** Back to a board fresh from the factory: its flash image is thrown away, its identity stays. */
export async function factoryReset(workspace: Workspace, board: EmulatedBoard): Promise<StartResult> {
  await stopEmulatedBoard(workspace, board);
  rmSync(board.flash, { force: true });
  return startBoard(workspace, board.name, { board: board.board, emulator: board.emulator });
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type ProcessRecord } from '@radon/bridge/process';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';

export const emulators = ['qemu', 'renode', 'posix'] as const;
export type Emulator = (typeof emulators)[number];

/** A board in an emulator, as `.radon/emu/<name>/state.json` tells the bridge and other commands. */
export interface EmulatedBoard extends ProcessRecord {
  readonly name: string;
  readonly board: string;
  readonly emulator: Emulator;
  /** Unix socket of the board's serial line. */
  readonly socket: string;
  /** Unix socket of the debug stub; left out where the emulator has none. */
  readonly gdb?: string;
  /** Image of the whole flash; survives a power cycle. */
  readonly flash: string;
}

const stateFile = 'state.json';

export function boardFolder(workspace: Workspace, name: string): string {
  return join(workspace.radon, 'emu', name);
}

export function readEmulatedBoard(workspace: Workspace, name: string): EmulatedBoard | undefined {
  const file = join(boardFolder(workspace, name), stateFile);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as EmulatedBoard;
  } catch {
    return undefined;
  }
}

export function writeEmulatedBoard(workspace: Workspace, board: EmulatedBoard): void {
  replaceFile(join(boardFolder(workspace, board.name), stateFile), `${JSON.stringify(board)}\n`);
}

/** Every board that was ever started here, running or not. */
export function listEmulatedBoards(
  workspace: Workspace,
): readonly { board: EmulatedBoard; running: boolean }[] {
  const folder = join(workspace.radon, 'emu');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => readEmulatedBoard(workspace, name))
    .filter((board) => board !== undefined)
    .map((board) => ({ board, running: isRunning(board) }));
}

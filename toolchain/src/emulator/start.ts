import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, type ProcessRecord, recordProcess } from '@radon/bridge/process';
import type { Board } from '../boards.ts';
import { CommandFailure, unreachable } from '../failure.ts';
import { type GdbRemote, openGdbRemote } from '../gdb/remote.ts';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';
import { boardFiles, qemuArguments } from './qemu.ts';
import { boardFolder, type EmulatedBoard, type Emulator, writeEmulatedBoard } from './state.ts';

const startTimeoutMs = 10_000;
const longestSocketPath = 100;

/** Where a board's files are. Sockets move to the system's temporary folder when their path would be too long. */
function placeFiles(workspace: Workspace, name: string): { folder: string; sockets: string } {
  const folder = workspace.folder('emu', name);
  if (join(folder, boardFiles.serial).length <= longestSocketPath) return { folder, sockets: folder };
  const sockets = join(tmpdir(), `radon-${process.getuid?.() ?? 0}-${name}-${hash(folder)}`);
  mkdirSync(sockets, { mode: 0o700, recursive: true });
  return { folder, sockets };
}

/** FNV-1a, to tell the folders of two workspaces apart. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (value >>> 0).toString(16);
}

function spawnDetached(command: string, args: readonly string[], folder: string): ChildProcess {
  const log = openSync(join(folder, boardFiles.log), 'a', 0o600);
  try {
    const child = spawn(command, args, { cwd: folder, detached: true, stdio: ['ignore', log, log] });
    // A program that is not there has no pid, which `recordStart` tells.
    child.on('error', () => undefined);
    return child;
  } finally {
    closeSync(log);
  }
}

/** Whether somebody listens at the path: the file of a socket is there a moment before. */
function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Waits until somebody listens at `path`; throws with the emulator's own words when it ends before. */
async function waitForSocket(path: string, child: ChildProcess, folder: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!(await canConnect(path))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      const log = readFileSync(join(folder, boardFiles.log), 'utf8').trim().split('\n').slice(-3).join('\n');
      throw new CommandFailure('The emulator ended at once.', {
        remedy: `Its last words: ${log}`,
        exitCode: 3,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Names the process of a start under way: when the command is killed meanwhile, the next start ends what it left. */
const startingFile = 'starting.json';

function recordStart(folder: string, child: ChildProcess): ProcessRecord {
  if (child.pid === undefined)
    throw unreachable(`${child.spawnfile} cannot be started.`, 'radon doctor says how to install it.');
  const record = recordProcess(child.pid);
  replaceFile(join(folder, startingFile), JSON.stringify(record));
  return record;
}

async function endAbandonedStart(folder: string): Promise<void> {
  const file = join(folder, startingFile);
  if (!existsSync(file)) return;
  await endProcess(JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord, 0);
  rmSync(file, { force: true });
}

export interface StartedBoard {
  readonly board: EmulatedBoard;
  /** The machine stands still before its first instruction; write flash here, then `run`. */
  readonly gdb: GdbRemote;
  /** Resets the machine and lets it run, or leaves it standing for a debugger. */
  run(halted: boolean): Promise<void>;
}

/** Makes the board's flash image, erased, where there is none. */
function ensureFlashImage(folder: string, board: Board): void {
  const image = join(folder, boardFiles.flash);
  if (!existsSync(image)) writeFileSync(image, Buffer.alloc(board.flash.size, 0xff), { mode: 0o600 });
}

/**
 * Starts a board in QEMU, detached, standing still. The caller may flash it and must call `run`.
 * On an error nothing is left running.
 */
export async function startQemu(workspace: Workspace, name: string, board: Board): Promise<StartedBoard> {
  const { folder, sockets } = placeFiles(workspace, name);
  ensureFlashImage(folder, board);
  const serial = join(sockets, boardFiles.serial);
  const gdbSocket = join(sockets, boardFiles.gdb);
  for (const path of [serial, gdbSocket]) rmSync(path, { force: true });
  const inFolder = (text: string) => (sockets === folder ? text : text.replace(/unix:/, `unix:${sockets}/`));
  await endAbandonedStart(folder);
  const child = spawnDetached('qemu-system-arm', qemuArguments(board).map(inFolder), folder);
  const record = recordStart(folder, child);
  try {
    await waitForSocket(gdbSocket, child, folder);
    const gdb = await openGdbRemote({ path: gdbSocket });
    child.unref();
    const state: EmulatedBoard = {
      name,
      ...record,
      board: board.name,
      emulator: 'qemu' satisfies Emulator,
      socket: serial,
      gdb: gdbSocket,
      flash: join(folder, boardFiles.flash),
    };
    return {
      board: state,
      gdb,
      async run(halted) {
        await gdb.reset();
        gdb.close(halted);
        writeEmulatedBoard(workspace, state);
        rmSync(join(folder, startingFile), { force: true });
      },
    };
  } catch (error) {
    await endAbandonedStart(folder);
    throw error;
  }
}

/**
 * Starts the firmware as a program of this machine (the POSIX port), detached. It has no debugger to flash it with: the
 * provisioning record goes into its flash image directly.
 */
export async function startPosix(
  workspace: Workspace,
  name: string,
  board: Board,
  provisioning: Uint8Array,
): Promise<EmulatedBoard> {
  const { folder, sockets } = placeFiles(workspace, name);
  ensureFlashImage(folder, board);
  const flash = join(folder, boardFiles.flash);
  writeRange(flash, board.segments.provisioning.address - board.flash.base, provisioning);
  const socket = join(sockets, boardFiles.serial);
  rmSync(socket, { force: true });
  const program = join(workspace.distribution, 'firmware', 'build', 'posix', 'radon');
  if (!existsSync(program)) {
    throw unreachable(
      'The firmware is not built for this machine.',
      'In the repository: npm run build:firmware -- posix. Packages do not bring it.',
    );
  }
  await endAbandonedStart(folder);
  const child = spawnDetached(program, ['--flash', flash, '--serial', socket], folder);
  const record = recordStart(folder, child);
  try {
    await waitForSocket(socket, child, folder);
  } catch (error) {
    await endAbandonedStart(folder);
    throw error;
  }
  child.unref();
  const state: EmulatedBoard = { name, ...record, board: board.name, emulator: 'posix', socket, flash };
  writeEmulatedBoard(workspace, state);
  rmSync(join(folder, startingFile), { force: true });
  return state;
}

function writeRange(file: string, offset: number, bytes: Uint8Array): void {
  const handle = openSync(file, 'r+');
  try {
    writeSync(handle, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(handle);
  }
}

/** Ends an emulated board; its flash image stays. */
export async function stopEmulatedBoard(workspace: Workspace, board: EmulatedBoard): Promise<void> {
  await endProcess(board);
  rmSync(join(boardFolder(workspace, board.name), boardFiles.serial), { force: true });
  rmSync(join(boardFolder(workspace, board.name), boardFiles.gdb), { force: true });
}

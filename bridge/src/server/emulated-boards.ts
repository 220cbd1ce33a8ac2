/** Boards that run in an emulator, as their `.radon/emu/NAME/state.json` tells: they come and go while a bridge runs. */
import { type FSWatcher, mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type ProcessRecord } from '../process/index.ts';

export interface EmulatedBoard extends ProcessRecord {
  readonly name: string;
  /** Unix socket of the serial line. */
  readonly socket: string;
}

export interface EmulatedBoardListener {
  /** A board was started. */
  appeared(board: EmulatedBoard): void;
  /** Its folder is gone, or it has another socket. One that is stopped stays: it may be started again. */
  vanished(board: EmulatedBoard): void;
}

/** Processes that end without a word are found this often, milliseconds. */
const pollMs = 1_000;

/** Tells what runs now and what changes; the result stops that. */
export function watchEmulatedBoards(radonFolder: string, listener: EmulatedBoardListener): () => void {
  const folder = join(radonFolder, 'emu');
  const known = new Map<string, EmulatedBoard>();
  mkdirSync(folder, { recursive: true, mode: 0o700 });

  function look(): void {
    const recorded = new Map(listBoards(folder).map((board) => [board.name, board]));
    for (const [name, board] of [...known]) {
      if (recorded.get(name)?.socket === board.socket) continue;
      known.delete(name);
      listener.vanished(board);
    }
    for (const [name, board] of recorded) {
      if (known.has(name) || !isRunning(board)) continue;
      known.set(name, board);
      listener.appeared(board);
    }
  }

  const watcher = watchFolder(folder, look);
  const timer = setInterval(look, pollMs);
  timer.unref();
  look();
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}

/** Recursive watching is not to be had everywhere (Linux before Node.js 20.13 misses files): polling goes on anyway. */
function watchFolder(folder: string, look: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { recursive: true, persistent: false }, look);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** Boards that run or ran. */
function listBoards(folder: string): readonly EmulatedBoard[] {
  return namesIn(folder).flatMap((name) => {
    const board = readBoard(join(folder, name, 'state.json'));
    return board?.name === name ? [board] : [];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined while there is no whole record. */
function readBoard(file: string): EmulatedBoard | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<EmulatedBoard>;
    const { name, pid, startTime, socket } = record;
    const isWhole = typeof name === 'string' && typeof socket === 'string' && typeof pid === 'number';
    return isWhole && typeof startTime === 'string' ? { name, pid, startTime, socket } : undefined;
  } catch {
    return undefined;
  }
}

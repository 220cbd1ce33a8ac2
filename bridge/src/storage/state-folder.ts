/** A folder of small documents, each a file that is replaced whole: a cut at any moment leaves the old one or the new. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface StateFolderOptions<T> {
  /** What a file said; throws for what it cannot be. */
  readonly parse: (value: unknown, name: string) => T;
  /** What JSON has for it (default: itself). */
  readonly write?: (value: T) => unknown;
  /** Told of a file that was set aside, with a sentence. */
  readonly warn: (sentence: string) => void;
}

export interface StateFolder<T> {
  /** What was there when it was opened, by name. */
  readonly found: ReadonlyMap<string, T>;
  /** Written soon; of several for one name the last. */
  put(name: string, value: T): void;
  delete(name: string): void;
  /** Resolves when all that was put or deleted so far is on disk; rejects with what the file system says, and the next change tries again. */
  settled(): Promise<void>;
}

const extension = '.json';

/** Makes the folder, for its owner alone. Names are of letters, digits, `-` and `.`. */
export function openStateFolder<T>(folder: string, options: StateFolderOptions<T>): StateFolder<T> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = readFolder(folder, options);
  const { write = (value: T): unknown => value } = options;
  /** What is not written yet; undefined: deleted. */
  let changes = new Map<string, T | undefined>();
  let writing = Promise.resolve();

  async function writeChanges(): Promise<void> {
    const taken = changes;
    if (taken.size === 0) return;
    changes = new Map();
    try {
      for (const [name, value] of taken) await change(join(folder, name + extension), value && write(value));
      await synchronise(folder);
    } catch (error) {
      changes = new Map([...taken, ...changes]);
      throw error;
    }
  }

  function note(name: string, value: T | undefined): void {
    changes.set(name, value);
    writing = writing.catch(() => undefined).then(writeChanges);
    writing.catch(() => undefined);
  }

  return { found, put: note, delete: (name) => note(name, undefined), settled: () => writing };
}

function readFolder<T>(folder: string, { parse, warn }: StateFolderOptions<T>): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const file of readdirSync(folder).sort()) {
    const path = join(folder, file);
    if (file.endsWith(`${extension}.new`)) rmSync(path, { force: true });
    if (!file.endsWith(extension)) continue;
    const name = file.slice(0, -extension.length);
    try {
      found.set(name, parse(JSON.parse(readFileSync(path, 'utf8')), name));
    } catch (error) {
      warn(setAside(path, error));
    }
  }
  return found;
}

/** What became of a file that cannot be read. */
function setAside(path: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  try {
    renameSync(path, `${path}.damaged`);
    return `${path} cannot be read and is ${path}.damaged now: ${reason}`;
  } catch {
    return `${path} cannot be read: ${reason}`;
  }
}

async function change(path: string, value: unknown): Promise<void> {
  if (value === undefined) return rm(path, { force: true });
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(value)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

/** A new or renamed name is on disk only once its folder is. */
async function synchronise(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

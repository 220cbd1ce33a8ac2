import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file whole or not at all: readers see the old contents or the new ones, never a part. */
export function replaceFile(file: string, contents: string | Uint8Array, mode = 0o600): void {
  const fresh = `${file}.${process.pid}`;
  try {
    writeFileSync(fresh, contents, { mode });
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

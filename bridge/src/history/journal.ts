/** Readings of one resource on disk, a line of JSON for each pack that was told: docs/reference/restart.md. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TimedRecord } from './series.ts';

export type Pack = readonly TimedRecord[];

export interface Journal {
  /** What earlier runs wrote, oldest first. */
  readonly found: readonly Pack[];
  /** Adds a line; `present` is all that is kept, which takes the place of everything once that pays. */
  append(pack: Pack, present: () => Pack): void;
}

export interface JournalFolder {
  /** `key`: node and path. */
  open(key: string): Journal;
}

/** The file is written anew when it has so many lines more than there are readings, which stand in one of them then. */
const worn = 1_000;

/** `warn` is told of a file that was set aside, and when nothing can be written. */
export function openJournalFolder(folder: string, warn: (sentence: string) => void): JournalFolder {
  return {
    open(key) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return openJournal(join(folder, fileOf(key)), warn);
    },
  };
}

/** Keys may be longer than names of files. */
function fileOf(key: string): string {
  return `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.ndjson`;
}

function openJournal(file: string, warn: (sentence: string) => void): Journal {
  const found = readJournal(file, warn);
  let lines = found.length;
  let isFailing = false;

  function rewrite(records: Pack): void {
    writeFileSync(`${file}.new`, lineOf(records), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    lines = 0;
  }

  return {
    found,
    append(pack, present) {
      try {
        if (lines > worn) rewrite(present());
        else appendFileSync(file, lineOf(pack), { mode: 0o600 });
        lines += 1;
        isFailing = false;
      } catch (error) {
        if (!isFailing) warn(`${file} cannot be written: ${String(error)}`);
        isFailing = true;
      }
    },
  };
}

function lineOf(pack: Pack): string {
  return `${JSON.stringify(pack)}\n`;
}

/** The whole lines; a last one without an end is what a process was writing when it was killed. */
function readJournal(file: string, warn: (sentence: string) => void): readonly Pack[] {
  if (!existsSync(file)) return [];
  const found: Pack[] = [];
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    const torn = lines.pop();
    for (const line of lines) found.push(parsePack(line));
    if (torn !== '') writeFileSync(file, found.map(lineOf).join(''), { mode: 0o600, flush: true });
  } catch (error) {
    warn(`${file} cannot be read as a whole and is ${file}.damaged now: ${String(error)}`);
    renameSync(file, `${file}.damaged`);
    writeFileSync(file, found.map(lineOf).join(''), { mode: 0o600, flush: true });
  }
  return found;
}

function parsePack(line: string): Pack {
  const pack: unknown = JSON.parse(line);
  if (Array.isArray(pack) && pack.every(isTimed)) return pack;
  throw new TypeError('a line is no SenML with times');
}

function isTimed(record: unknown): record is TimedRecord {
  return typeof record === 'object' && record !== null && 't' in record && typeof record.t === 'number';
}

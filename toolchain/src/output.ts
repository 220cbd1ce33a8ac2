import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import type CliTable from 'cli-table3';

const require = createRequire(import.meta.url);

/** Where a command writes: results on stdout, everything else on stderr. */
export interface Output {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly interactive: boolean;
  /** One line for people; nothing with --json. */
  line(text?: string): void;
  /** The machine-readable result: one JSON document a call, only with --json. */
  result(value: unknown): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** A passing note on stderr. */
  note(text: string): void;
  /** Redraws one status line on stderr while on a terminal; call without text to clear it. */
  progress(text?: string): void;
  /** Bytes of a representation, as they are. */
  raw(bytes: Uint8Array): void;
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Nodes, atoms and devices choose their texts: what a terminal would obey is not shown as it is. */
const printable = (text: string) => text.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd');

export function createOutput(options: { json: boolean; verbose: boolean }): Output {
  const interactive = isatty(2) && !options.json && process.env.TERM !== 'dumb';
  let statusShown = false;
  const clearStatus = () => {
    if (statusShown) process.stderr.write('\r\x1b[2K');
    statusShown = false;
  };
  return {
    ...options,
    interactive,
    line(text = '') {
      clearStatus();
      if (!options.json) process.stdout.write(`${isatty(1) ? printable(text) : text}\n`);
    },
    result(value) {
      if (options.json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    table(head, rows) {
      if (options.json) return;
      // Loaded when a table is printed: commands without one start faster.
      const Table = require('cli-table3') as typeof CliTable;
      const table = new Table({
        head: [...head],
        chars: noBorders,
        style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      });
      // A row that is too short would get an empty line below it.
      for (const row of rows) table.push(head.map((_, column) => printable(row[column] ?? '')));
      const text = table
        .toString()
        .split('\n')
        .map((line) => line.trimEnd())
        .join('\n');
      process.stdout.write(`${text}\n`);
    },
    note(text) {
      clearStatus();
      process.stderr.write(`${printable(text)}\n`);
    },
    progress(text) {
      clearStatus();
      if (text === undefined || !interactive) return;
      process.stderr.write(text.slice(0, (process.stderr.columns ?? 80) - 1));
      statusShown = true;
    },
    raw(bytes) {
      process.stdout.write(bytes);
    },
  };
}

/** `1.7 KiB`, `214 KiB`, `980 B`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kib = bytes / 1024;
  // What would be rounded to 10.0 is written as 10.
  return kib < 9.95
    ? `${kib.toFixed(1)} KiB`
    : kib < 1024
      ? `${Math.round(kib)} KiB`
      : `${(kib / 1024).toFixed(1)} MiB`;
}

/** `0.18 s`, `12 s`, `3 min`. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

import { parse } from 'csv-parse/sync';
import { CommandFailure, usageFailure } from './failure.ts';

interface Row {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

function parseTable(text: string): readonly Row[] {
  try {
    return parse(text, { columns: true, comment: '#', info: true, skip_empty_lines: true, trim: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`The file is no CSV table: ${reason}.`, {
      remedy: 'Its first line names the columns; every other line has as many values.',
      cause,
    });
  }
}

/** The numbers of one column; lines that start with # are comments. Throws a `CommandFailure` that names the line. */
export function readColumn(text: string, column: string): readonly number[] {
  const rows = parseTable(text);
  const names = Object.keys(rows[0]?.record ?? {});
  if (!names.includes(column)) {
    throw usageFailure(`The file has no column "${column}".`, `Its columns: ${names.join(', ') || 'none'}.`);
  }
  return rows.map(({ record, info }) => {
    const value = Number(record[column]);
    if (record[column] === '' || !Number.isFinite(value)) {
      throw new CommandFailure(`Line ${info.lines}: "${record[column]}" in column ${column} is no number.`);
    }
    return value;
  });
}

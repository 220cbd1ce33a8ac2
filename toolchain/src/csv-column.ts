import { parse } from 'csv-parse/sync';
import { CommandFailure, usageFailure } from './failure.ts';

/** The numbers of one column; lines that start with # are comments. Throws a `CommandFailure` that names the line. */
export function readColumn(text: string, column: string): readonly number[] {
  const rows: { record: Record<string, string>; info: { lines: number } }[] = parse(text, {
    columns: true,
    comment: '#',
    info: true,
    skip_empty_lines: true,
    trim: true,
  });
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

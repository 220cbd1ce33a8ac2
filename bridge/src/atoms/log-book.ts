import type { FieldValue } from '../fields/index.ts';
import { logLevel } from '../tables/index.ts';

export interface LogEntry {
  /** Counts up from 1. */
  readonly number: number;
  readonly timeMs: number;
  readonly level: keyof typeof logLevel;
  readonly name: string;
  readonly line: string;
}

const most = 200;
const levels = Object.keys(logLevel) as LogEntry['level'][];

/** The recent lines of the node and its atoms. */
export class LogBook {
  readonly #entries: LogEntry[] = [];
  #number = 0;

  add(timeMs: number, level: number, name: string, line: string): void {
    this.#number += 1;
    const entry = {
      number: this.#number,
      timeMs: Math.floor(timeMs),
      level: levels[level] ?? 'INFO',
      name,
      line,
    };
    this.#entries.push(entry);
    if (this.#entries.length > most) this.#entries.shift();
  }

  /** Number of the newest line. */
  get newest(): number {
    return this.#number;
  }

  /** Lines behind number `after`, oldest first. */
  since(after: number): readonly LogEntry[] {
    return this.#entries.filter(({ number }) => number > after);
  }
}

export function logDocument(entries: readonly LogEntry[]): FieldValue {
  return entries.map(({ timeMs, level, name, line }) => ({ timeMs, level, name, line }));
}

export function logText(entries: readonly LogEntry[]): string {
  return entries.map(({ timeMs, level, name, line }) => `${timeMs} ${level} ${name} ${line}\n`).join('');
}

import type { trap } from '../../tables/index.ts';
import type { TrapReport } from '../messages.ts';

export type TrapKind = keyof typeof trap;

/** What people read of a kind of trap. */
export const trapSentence: Readonly<Record<TrapKind, string>> = {
  NONE: '',
  UNREACHABLE: 'An assertion failed or code that must not be reached was reached.',
  MEMORY: 'An access outside its memory.',
  STACK: 'The stack overflowed.',
  DEADLINE: 'It ran longer than its deadline.',
  ARITHMETIC: 'A division by zero, an overflow or a conversion of what is no integer.',
  TABLE: 'A call through an entry beyond the table.',
  CALL: 'A call through a table entry that is empty or of another type.',
  ABORT: 'The engine gave up.',
};

/** `UNREACHABLE in START, function on_start`: for the log and as a reason. */
export function describeTrap({ kind, event, function: name }: TrapReport): string {
  return `${kind} in ${event}${name === undefined ? '' : `, function ${name}`}`;
}

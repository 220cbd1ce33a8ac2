import { usageFailure } from './failure.ts';

/** A parser for an option that takes a number of a range; throws a usage failure that says which. */
export function numberOption(option: string, least: number, most: number): (text: string) => number {
  return (text) => checked(option, text, Number.isFinite(Number(text)), least, most, 'a number');
}

/** The same for whole numbers. */
export function wholeNumberOption(option: string, least: number, most: number): (text: string) => number {
  return (text) => checked(option, text, Number.isInteger(Number(text)), least, most, 'a whole number');
}

function checked(
  option: string,
  text: string,
  isKind: boolean,
  least: number,
  most: number,
  kind: string,
): number {
  const value = Number(text);
  if (text.trim() !== '' && isKind && value >= least && value <= most) return value;
  throw usageFailure(`${option} takes ${kind} from ${least} to ${most}, not "${text}".`);
}

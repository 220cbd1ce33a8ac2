import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * A scenario is a hand-written transcript: `> ` lines act on a node, `< ` lines are what must come of it. Any node must
 * produce the whole text. Lines that start with # are comments; `# rules: 9, 18` names the rules of the atom model shown.
 */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly rules: readonly number[];
  /** The lines without comments and blank lines. */
  readonly lines: readonly string[];
}

export function readScenario(file: string): Scenario {
  const all = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trimEnd());
  const rules = all.find((line) => line.startsWith('# rules:'));
  const unknown = all.find((line) => line !== '' && !/^(#|> |< )/.test(line));
  if (unknown !== undefined)
    throw new Error(`${basename(file)}: "${unknown}" starts with none of "# ", "> ", "< "`);
  return {
    name: basename(file, '.txt'),
    title: all[0]?.replace(/^# /, '') ?? '',
    rules: (rules ?? '')
      .replace('# rules:', '')
      .split(',')
      .map(Number)
      .filter((rule) => rule > 0),
    lines: all.filter((line) => line !== '' && !line.startsWith('#')),
  };
}

/** An action and what must come of it. */
export interface Step {
  readonly action: string;
  readonly expected: string;
}

/** The steps of a scenario, in order. */
export function stepsOf({ lines }: Scenario): readonly Step[] {
  return lines.flatMap((line, index) =>
    line.startsWith('> ')
      ? [{ action: line.slice(2), expected: lines[index + 1]?.replace(/^< /, '') ?? '' }]
      : [],
  );
}

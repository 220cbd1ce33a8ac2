import { readFileSync } from 'node:fs';

export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/**
 * What a shell runs at Tab (`toolchain/completion/`): it asks the `radon` of the nearest project upwards, so there is
 * nothing in a script that could go out of date. An answer is a line for each candidate, `WORD<tab>SUMMARY`, and
 * `:files` where a path may stand.
 */
export function completionScript(shell: Shell): string {
  return readFileSync(new URL(`../../completion/radon.${shell}`, import.meta.url), 'utf8');
}

import { parsePattern } from '../../pattern/index.ts';

/** Whether a text matches one of the patterns of a configuration; the last text that was allowed is remembered. */
export function allowList(patterns: readonly string[] = []): (text: string) => boolean {
  const parsed = patterns.map((pattern) => parsePattern(pattern));
  let known: string | undefined;
  return (text) => {
    if (text === known) return true;
    if (!parsed.some((pattern) => pattern?.matches(text) === true)) return false;
    known = text;
    return true;
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltAtom } from '../build/index.ts';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';

/** What `.radon/build/<name>/names.json` holds: names by function index, of the image with that sequence number. */
interface NamesFile {
  readonly sequence: number;
  readonly functions: Readonly<Record<string, string>>;
}

const fileOf = (folder: string) => join(folder, 'names.json');

/** Keeps beside an image what its functions are called: images themselves carry no names. */
export function keepFunctionNames(workspace: Workspace, built: BuiltAtom, sequence: number): void {
  const functions = Object.fromEntries(built.functionNames);
  const names: NamesFile = { sequence, functions };
  replaceFile(fileOf(workspace.folder('build', built.name)), JSON.stringify(names));
}

function readNames(workspace: Workspace, atom: string): NamesFile | undefined {
  try {
    const text = readFileSync(fileOf(join(workspace.radon, 'build', atom)), 'utf8');
    return JSON.parse(text) as NamesFile;
  } catch {
    return undefined;
  }
}

/** As nodes write a function that has no name in the module (`UNREACHABLE in TIMER, function #12`). */
const functionNumber = /\bfunction #(\d+)/;

/** Whether a line of a log names a function by its number. */
export const hasFunctionNumber = (line: string) => functionNumber.test(line);

/**
 * Puts the function's name after its number, when the image that runs (told by its sequence number) was built here;
 * the line as it is otherwise.
 */
export function nameFunction(
  line: string,
  atom: string,
  sequence: number | undefined,
  workspace: Workspace,
): string {
  const names = readNames(workspace, atom);
  if (names === undefined || names.sequence !== sequence) return line;
  return line.replace(functionNumber, (text, index: string) => {
    const name = names.functions[index];
    return name === undefined ? text : `${text} (${name})`;
  });
}

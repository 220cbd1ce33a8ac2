import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrapState } from '../nodes/state.ts';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';

/** Names by function index of the image with that sequence number. */
interface ImageNames {
  readonly sequence: number;
  readonly functions: Readonly<Record<string, string>>;
}

/** Images whose names are kept for each atom: nodes may run older ones than the last that was signed. */
const mostImages = 16;

const fileOf = (folder: string) => join(folder, 'names.json');

/** Keeps beside the images of an atom what their functions are called: images themselves carry no names. */
export function keepFunctionNames(
  workspace: Workspace,
  atom: string,
  functionNames: ReadonlyMap<number, string>,
  sequence: number,
): void {
  const others = readNames(workspace, atom).filter((names) => names.sequence !== sequence);
  const kept = [...others, { sequence, functions: Object.fromEntries(functionNames) }].slice(-mostImages);
  replaceFile(fileOf(workspace.folder('build', atom)), JSON.stringify(kept));
}

function readNames(workspace: Workspace, atom: string): readonly ImageNames[] {
  try {
    const text = readFileSync(fileOf(join(workspace.radon, 'build', atom)), 'utf8');
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names : [];
  } catch {
    return [];
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
  return withNames(line, (index) => functionName(index, atom, sequence, workspace));
}

/** Puts the function's name after its number, where it has one. */
export function withNames(line: string, nameOf: (index: number) => string | undefined): string {
  return line.replace(functionNumber, (text, index: string) => {
    const name = nameOf(Number(index));
    return name === undefined ? text : `${text} (${name})`;
  });
}

/** What a function is called in the image with that sequence number, when it was built here. */
function functionName(
  index: number,
  atom: string,
  sequence: number | undefined,
  workspace: Workspace,
): string | undefined {
  const names = readNames(workspace, atom).find((image) => image.sequence === sequence);
  return names?.functions[String(index)];
}

/** `UNREACHABLE in TIMER, function #12 (divide): unreachable executed`. */
export function describeTrap(
  trap: TrapState,
  atom: string,
  sequence: number | undefined,
  workspace: Workspace,
): string {
  const place = nameFunction(`function ${trap.function}`, atom, sequence, workspace);
  return `${trap.kind} in ${trap.event}, ${place}: ${trap.reason}`;
}

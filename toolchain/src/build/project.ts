import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { CommandFailure } from '../failure.ts';
import { parseAtomFile } from './atom-file.ts';
import type { AtomProject } from './types.ts';

const newAtom = 'Name the folder of an atom, or make one with radon new NAME.';

/**
 * Reads an atom's folder: `atom.json`, `atom.ts` and, where there is one, `atom.test.ts`. Throws CommandFailure naming
 * file, line, field and allowed values.
 */
export function readAtomProject(path: string): AtomProject {
  const folder = resolve(path);
  const configurationFile = join(folder, 'atom.json');
  const sourceFile = join(folder, 'atom.ts');
  const testFile = join(folder, 'atom.test.ts');
  for (const file of [configurationFile, sourceFile]) {
    if (!existsSync(file)) {
      throw new CommandFailure(`${shown(folder)} has no ${basename(file)}.`, { remedy: newAtom });
    }
  }
  const atom = parseAtomFile(readFileSync(configurationFile, 'utf8'), shown(configurationFile));
  return {
    ...atom,
    folder,
    sourceFile,
    configurationFile,
    ...(existsSync(testFile) && { testFile }),
  };
}

/** A path as a user would type it here. */
export function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' ? '.' : near.startsWith('..') ? path : near;
}

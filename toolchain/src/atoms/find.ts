import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { CommandFailure } from '../failure.ts';
import type { Workspace } from '../workspace.ts';

const isAtomFolder = (folder: string) => existsSync(join(folder, 'atom.json'));

/** Folders that hold atoms by name: the project's own before the examples. */
function atomFolders(workspace: Workspace): readonly string[] {
  return [
    workspace.root,
    join(workspace.root, 'atoms'),
    join(workspace.distribution, 'atoms-as', 'examples'),
  ];
}

function knownAtoms(workspace: Workspace): readonly string[] {
  const names = atomFolders(workspace).flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).filter((name) => isAtomFolder(join(folder, name))) : [],
  );
  return [...new Set(names)].sort();
}

/** Folder of an atom: a path, a name, or nothing for the folder one stands in. Throws a `CommandFailure` with the known names. */
export function findAtomFolder(workspace: Workspace, nameOrPath = '.'): string {
  if (isAbsolute(nameOrPath) || nameOrPath.startsWith('.') || nameOrPath.includes('/')) {
    const folder = resolve(nameOrPath);
    if (isAtomFolder(folder)) return folder;
    throw new CommandFailure(`There is no atom.json in ${nameOrPath}.`, {
      remedy: 'Name an atom or its folder.',
    });
  }
  const found = atomFolders(workspace)
    .map((folder) => join(folder, nameOrPath))
    .find(isAtomFolder);
  if (found !== undefined) return found;
  const known = knownAtoms(workspace);
  throw new CommandFailure(`There is no atom ${nameOrPath}.`, {
    remedy: `Known here: ${known.join(', ') || 'none'}. Make one with: radon new ${nameOrPath}`,
  });
}

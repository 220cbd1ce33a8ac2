import { existsSync, readdirSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { CommandFailure, usageFailure } from '../failure.ts';
import type { Workspace } from '../workspace.ts';

const isAtomFolder = (folder: string) => existsSync(join(folder, 'atom.json'));
const isPath = (text: string) => isAbsolute(text) || text.startsWith('.') || text.includes('/');
const isApplication = (folder: string) => existsSync(join(folder, 'app.json'));

/** Folders that hold atoms by name: the project's own before the examples. */
function atomPlaces(workspace: Workspace): readonly string[] {
  return [
    workspace.root,
    join(workspace.root, 'atoms'),
    join(workspace.distribution, 'atoms-as', 'examples'),
  ];
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => join(folder, name));
}

/** The applications of a place: folders with an `app.json`, in which the folders of their atoms lie. */
const applicationsIn = (place: string) => foldersIn(place).filter(isApplication);

/** Every name that `findAtomFolder` takes, sorted. */
export function knownAtoms(workspace: Workspace): readonly string[] {
  const parents = atomPlaces(workspace).flatMap((place) => [place, ...applicationsIn(place)]);
  const folders = parents.flatMap(foldersIn).filter(isAtomFolder);
  return [...new Set(folders.map((folder) => basename(folder)))].sort();
}

/** Folder of an application by its name; undefined where the name is an atom's of an earlier place, or nobody's. */
export function findApplicationFolder(workspace: Workspace, name: string): string | undefined {
  if (isPath(name)) return undefined;
  for (const place of atomPlaces(workspace)) {
    const folder = join(place, name);
    if (isApplication(folder)) return folder;
    if (foldersOf(name, place).length > 0) return undefined;
  }
  return undefined;
}

/** The folders of one place that a name may mean: its own before those of its applications. */
function foldersOf(name: string, place: string): readonly string[] {
  const own = join(place, name);
  if (isAtomFolder(own)) return [own];
  return applicationsIn(place)
    .map((application) => join(application, name))
    .filter(isAtomFolder);
}

/** Folder of an atom: a path, a name, or nothing for the folder one stands in. Throws a `CommandFailure` with the known names. */
export function findAtomFolder(workspace: Workspace, nameOrPath = '.'): string {
  if (isPath(nameOrPath)) {
    const folder = resolve(nameOrPath);
    if (isAtomFolder(folder)) return folder;
    throw new CommandFailure(`There is no atom.json in ${nameOrPath}.`, {
      remedy: 'Name an atom or its folder.',
    });
  }
  for (const place of atomPlaces(workspace)) {
    const [found, ...others] = foldersOf(nameOrPath, place);
    if (found === undefined) continue;
    if (others.length > 0) throw ambiguous(nameOrPath, [found, ...others]);
    return found;
  }
  const application = findApplicationFolder(workspace, nameOrPath);
  if (application !== undefined) throw isApplicationFailure(nameOrPath, application);
  const known = knownAtoms(workspace);
  throw new CommandFailure(`There is no atom ${nameOrPath}.`, {
    remedy: `Known here: ${known.join(', ') || 'none'}. Make one with: radon new ${nameOrPath}`,
  });
}

function isApplicationFailure(name: string, folder: string): CommandFailure {
  const atoms = foldersIn(folder)
    .filter(isAtomFolder)
    .map((atom) => basename(atom));
  return usageFailure(
    `${name} is an application, not an atom.`,
    `Name one of its atoms (${atoms.join(', ')}), or bring all to their nodes: radon deploy ${nearPath(join(folder, 'app.json'))}`,
  );
}

const nearPath = (path: string) => `./${relative(process.cwd(), path)}`;

function ambiguous(name: string, folders: readonly string[]): CommandFailure {
  const paths = folders.map(nearPath);
  return usageFailure(
    `There are ${paths.length} atoms named ${name}.`,
    `Give the folder of the one that is meant: ${paths.join(' or ')}`,
  );
}

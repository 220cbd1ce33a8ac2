import { fileURLToPath } from 'node:url';
import { type BuiltAtom, buildAtom, findAtomFolder, openWorkspace, readAtomProject } from '@radon/toolchain';

const repository = openWorkspace(fileURLToPath(new URL('../..', import.meta.url)));
const ownAtoms = fileURLToPath(new URL('../conformance/atoms/', import.meta.url));
const examples = ['rain', 'echo', 'blink'];
const built = new Map<string, Promise<BuiltAtom>>();

/** An example, or an atom of the conformance suite, compiled and measured once for each test file. */
export function builtAtom(name: string): Promise<BuiltAtom> {
  const folder = examples.includes(name) ? findAtomFolder(repository, name) : `${ownAtoms}${name}`;
  const known = built.get(name) ?? buildAtom(readAtomProject(folder), { measure: repository });
  built.set(name, known);
  return known;
}

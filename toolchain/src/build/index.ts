/**
 * From a folder with atom.ts and atom.json to a module that can be signed and pushed. Errors a user can mend are
 * CommandFailure; `details.places` then lists every wrong place as SourceMessage.
 *
 *     readAtomProject(folder) → AtomProject
 *     buildAtom(project, { measure?, debug?, signal? }) → BuiltAtom
 *     measureModule(wasm, limits, { workspace, signal? }) → AtomNeed
 *     runAtomTests(project, { signal? }) → AtomTestReport
 *     createAtom(folder, name), createWorkspace(folder)
 *     describeModule(wasm) → imports, exports, sizes
 */
export type * from './types.ts';

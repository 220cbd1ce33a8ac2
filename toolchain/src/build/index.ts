export { type AtomFile, parseAtomFile } from './atom-file.ts';
/**
 * From a folder with atom.ts and atom.json to a module that can be signed and pushed. Errors a user can mend are
 * CommandFailure; `details.places` then lists every wrong place as SourceMessage.
 */
export { type BuildOptions, buildAtom } from './build.ts';
export { createAtom } from './create.ts';
export { describeModule } from './describe.ts';
export { finishModule } from './finish.ts';
export { measureModule } from './measure.ts';
export { type PackOptions, packModule } from './pack.ts';
export { readAtomProject } from './project.ts';
export { runAtomTests } from './test-runner.ts';
export type * from './types.ts';

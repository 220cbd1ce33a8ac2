import { type BuildOptions, type BuiltAtom, buildAtom, packModule, readAtomProject } from '../build/index.ts';
import type { CommandContext } from '../command-line.ts';
import { findAtomFolder } from './find.ts';
import { checkSignOptions, type SignedAtom, type SignOptions, signBuilt } from './sign-image.ts';

/** Builds the atom of a name or folder and shows the compiler's warnings; packs a `.wasm` file. */
export async function buildNamed(
  nameOrPath: string,
  { workspace, output, signal }: CommandContext,
  options: Pick<BuildOptions, 'debug' | 'measure'> = { measure: workspace },
): Promise<BuiltAtom> {
  if (nameOrPath.endsWith('.wasm')) return packModule(nameOrPath, { ...options, signal });
  const project = readAtomProject(findAtomFolder(workspace, nameOrPath));
  const built = await buildAtom(project, { cache: workspace, ...options, signal });
  for (const { file, line, message } of built.warnings) output.note(`${file}:${line}: ${message}`);
  return built;
}

/** Builds and signs; a wrong key or board is told before the build. */
export async function signNamed(
  nameOrPath: string,
  context: CommandContext,
  options: SignOptions = {},
): Promise<SignedAtom> {
  checkSignOptions(context.workspace, options);
  return signBuilt(context.workspace, await buildNamed(nameOrPath, context), options);
}

/** Compilations until the compiler's own code is optimized. */
const warmUps = 6;

/**
 * Compiles an atom a few times for nothing, in the background: a compilation takes a fraction of the first one's time
 * then. What goes wrong is told by the next build.
 */
export async function warmCompiler(folder: string, signal: AbortSignal): Promise<void> {
  try {
    for (let count = 0; count < warmUps; count += 1) await buildAtom(readAtomProject(folder), { signal });
  } catch {
    // A broken source or the end of the command.
  }
}

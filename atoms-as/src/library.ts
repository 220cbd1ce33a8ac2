import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the AssemblyScript sources of the SDK lie, beside `src/` and `dist/`. */
const assembly = new URL('../assembly/', import.meta.url);

/** What an atom writes after `from`; the compiler looks library files up by it. */
const sdkModule = '@radon/atoms-as/assembly';

/** Path of the SDK's AssemblyScript sources. */
export const sdkFolder = fileURLToPath(assembly);

/**
 * Puts the SDK and its runtime into the compiler's library: the runtime takes the place of `rt/stub`, so that
 * `--runtime stub` compiles it (no shadow stack, no other runtime type), the rest is importable as `sdkModule`.
 */
export function installLibrary(libraryFiles: Record<string, string>): void {
  for (const name of readdirSync(assembly)) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(new URL(name, assembly), 'utf8');
    const base = name.slice(0, -'.ts'.length);
    libraryFiles[base === 'runtime' ? 'rt/stub' : `${sdkModule}/${base}`] = text;
  }
}

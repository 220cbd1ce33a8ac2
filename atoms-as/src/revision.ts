import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sdkFolder } from './library.ts';

const ownFolder = dirname(fileURLToPath(import.meta.url));

/** The compiler's package does not export its package.json; it lies above every module it exports. */
function compilerPackage(): string {
  const transform = createRequire(import.meta.url).resolve('assemblyscript/transform');
  return join(dirname(transform), '..', 'package.json');
}

function sources(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts'));
  return names.sort().map((name) => join(folder, name));
}

let revision: string | undefined;

/**
 * Names what makes modules out of sources: compiler, SDK and this package. While it stays the same, the same inputs
 * compile to the same module. 64 hexadecimal digits.
 */
export function compilerRevision(): string {
  if (revision === undefined) {
    const hash = createHash('sha256');
    for (const file of [compilerPackage(), ...sources(ownFolder), ...sources(sdkFolder)]) {
      hash.update(readFileSync(file)).update('\0');
    }
    revision = hash.digest('hex');
  }
  return revision;
}

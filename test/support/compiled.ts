import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** A compiled file of the bridge, for what cannot run from TypeScript: workers and other processes. */
export function compiledModule(path: string): URL {
  return new URL(`bridge/dist/${path}`, root);
}

/** Compiles the bridge; quick when nothing changed. */
export function compileBridge(): void {
  const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root));
  const { stdout } = spawnSync(process.execPath, [compiler, '-b', fileURLToPath(new URL('bridge', root))], {
    encoding: 'utf8',
  });
  if (!existsSync(compiledModule('index.js'))) throw new Error(`the bridge does not compile:\n${stdout}`);
}

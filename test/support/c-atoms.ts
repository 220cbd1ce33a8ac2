/** Atoms in C, made with clang and lld as atoms-c/README.md tells. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peers.ts';

const echo = fileURLToPath(new URL('../../atoms-c/examples/echo', import.meta.url));
const runs = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

export const clang: Peer = {
  name: 'clang with lld',
  command: 'clang',
  remedy: 'apt-get install clang lld',
  isPresent: () => runs('clang') && runs('wasm-ld'),
};

/** Compiles the echo in C; puts the module and its configuration into a folder and answers the module's path. */
export function compileCEcho(folder: string): string {
  execFileSync('make', ['-s', '-C', echo]);
  for (const file of ['echo.wasm', 'atom.json']) copyFileSync(join(echo, file), join(folder, file));
  return join(folder, 'echo.wasm');
}

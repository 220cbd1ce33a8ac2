import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folders a command works in. `root` is the project the user stands in, `radon` its state (`.radon/`, mode 0700:
 * keys, flash images, build cache, running processes). `distribution` is where the firmware and boards come from: the
 * repository, or the installed package.
 */
export interface Workspace {
  readonly root: string;
  readonly radon: string;
  readonly distribution: string;
  /** A folder below `.radon/`, made when missing. */
  folder(...segments: string[]): string;
}

const ownPackage = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** An installed package brings firmware and boards with it (scripts/pack.mjs); in the repository they are beside it. */
const distribution = existsSync(join(ownPackage, 'firmware')) ? ownPackage : dirname(ownPackage);

function isProject(folder: string): boolean {
  if (existsSync(join(folder, '.radon'))) return true;
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return false;
  try {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<
      string,
      Record<string, string> | string | undefined
    >;
    const named = (section: string) => {
      const value = manifest[section];
      return typeof value === 'object' && '@radon/toolchain' in value;
    };
    return manifest.name === 'radon-microcontrollers' || named('dependencies') || named('devDependencies');
  } catch {
    return false;
  }
}

/** The nearest folder upwards that is a Radon project, else the folder itself. */
export function findRoot(from: string): string {
  let folder = resolve(from);
  const top = parse(folder).root;
  while (folder !== top) {
    if (isProject(folder)) return folder;
    folder = dirname(folder);
  }
  return resolve(from);
}

export function openWorkspace(from = process.cwd()): Workspace {
  const root = findRoot(from);
  const radon = join(root, '.radon');
  return {
    root,
    radon,
    distribution,
    folder(...segments) {
      if (!existsSync(radon)) {
        mkdirSync(radon, { mode: 0o700, recursive: true });
        chmodSync(radon, 0o700);
      }
      const path = join(radon, ...segments);
      mkdirSync(path, { mode: 0o700, recursive: true });
      return path;
    },
  };
}

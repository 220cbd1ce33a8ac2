import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '@radon/bridge/crypto';
import { decodeImage, type Manifest } from '@radon/bridge/image';
import { abiVersion } from '@radon/bridge/tables';
import { findAtomFolder } from '../atoms/find.ts';
import { type AtomFile, parseAtomFile } from '../build/atom-file.ts';
import { describeModule } from '../build/describe.ts';
import { buildAtom, readAtomProject } from '../build/index.ts';
import type { CommandContext } from '../command-line.ts';
import { unreadableFile } from '../failure.ts';

/** An atom that is to run alone: what its manifest says but for the signature, and its code. */
export interface RunnableAtom {
  readonly manifest: Manifest;
  readonly code: Uint8Array;
  readonly functionNames: ReadonlyMap<number, string>;
}

/** The atom of a `.atom` or `.wasm` file, or of a name or folder, which is built. */
export async function readRunnable(source: string, context: CommandContext): Promise<RunnableAtom> {
  if (source.endsWith('.atom')) return readImage(source);
  if (source.endsWith('.wasm')) return readModule(source);
  const { workspace, output, signal } = context;
  const built = await buildAtom(readAtomProject(findAtomFolder(workspace, source)), { signal });
  for (const { file, line, message } of built.warnings) output.note(`${file}:${line}: ${message}`);
  return runnable(built, built.wasm, built.functionNames);
}

function readBytes(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

function readImage(file: string): RunnableAtom {
  const { manifest, code } = decodeImage(readBytes(file), sha256);
  return { manifest: { ...manifest, sequence: 1, board: 'any' }, code, functionNames: new Map() };
}

/** The configuration is that of the atom.json beside the module; without one, everything has its default. */
function readModule(file: string): RunnableAtom {
  const code = readBytes(file);
  const { memory } = describeModule(code).sizes;
  const configurationFile = join(dirname(file), 'atom.json');
  const name =
    basename(file, '.wasm')
      .replace(/[^a-z0-9-]/g, '-')
      .replace(/^[^a-z]+/, '') || 'atom';
  const text = existsSync(configurationFile)
    ? readFileSync(configurationFile, 'utf8')
    : JSON.stringify({ name, limits: { memory } });
  return runnable(parseAtomFile(text, configurationFile), code, new Map());
}

/** What a node checks against its budget is not measured: this machine has room. */
function runnable(
  { name, version, configuration }: AtomFile,
  code: Uint8Array,
  functionNames: ReadonlyMap<number, string>,
): RunnableAtom {
  const need = { load: code.length, run: configuration.limits.memory, engine: '00000000' };
  const payload = { format: 'wasm', digest: sha256(code), size: code.length, need } as const;
  const manifest = { name, version, sequence: 1, abi: abiVersion, board: 'any', configuration };
  return { manifest: { ...manifest, payloads: [payload] }, code, functionNames };
}

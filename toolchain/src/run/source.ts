import { readFileSync } from 'node:fs';
import { sha256 } from '@radon/bridge/crypto';
import { decodeImage, type Manifest } from '@radon/bridge/image';
import { abiVersion } from '@radon/bridge/tables';
import { buildNamed } from '../atoms/build.ts';
import type { BuiltAtom } from '../build/index.ts';
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
  return runnable(await buildNamed(source, context, {}));
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

/** What a node checks against its budget is not measured: this machine has room. */
function runnable({ name, version, configuration, wasm, digest, functionNames }: BuiltAtom): RunnableAtom {
  const need = { load: wasm.length, run: configuration.limits.memory, engine: '00000000' };
  const payload = { format: 'wasm', digest, size: wasm.length, need } as const;
  const manifest = { name, version, sequence: 1, abi: abiVersion, board: 'any', configuration };
  return { manifest: { ...manifest, payloads: [payload] }, code: wasm, functionNames };
}

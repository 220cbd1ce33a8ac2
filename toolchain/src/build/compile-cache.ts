import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CompileOptions, type CompileSuccess, compilerRevision } from '@radon/atoms-as';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';

/** One compilation as it is kept: `.radon/cache/compile/<who was asked for what>.json`. */
interface Entry {
  /** SHA-256 of each file read, by absolute path; null where the compiler looked and found nothing. */
  readonly inputs: readonly (readonly [string, string | null])[];
  readonly wasm: string;
  readonly dataEnd: number;
  readonly diagnostics: CompileSuccess['diagnostics'];
}

const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');

function hashOfFile(path: string): string | null {
  try {
    return sha256(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function fileOf(workspace: Workspace, options: CompileOptions): string {
  const { memory, body } = options.configuration.limits;
  const asked = JSON.stringify([
    compilerRevision(),
    resolve(options.source),
    memory,
    body,
    options.debug === true,
  ]);
  return join(workspace.folder('cache', 'compile'), `${sha256(asked).slice(0, 32)}.json`);
}

function readEntry(file: string): Entry | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Entry;
  } catch {
    return undefined;
  }
}

/** The kept compilation when nothing that went into it has changed since; undefined otherwise. */
export function recallCompilation(workspace: Workspace, options: CompileOptions): CompileSuccess | undefined {
  const entry = readEntry(fileOf(workspace, options));
  if (entry === undefined || !entry.inputs.every(([path, hash]) => hashOfFile(path) === hash))
    return undefined;
  const { dataEnd, diagnostics } = entry;
  const wasm = new Uint8Array(Buffer.from(entry.wasm, 'base64'));
  return { ok: true, wasm, dataEnd, diagnostics, inputs: new Map() };
}

/** Keeps a compilation for the next time the same is asked. */
export function keepCompilation(workspace: Workspace, options: CompileOptions, result: CompileSuccess): void {
  const entry: Entry = {
    inputs: [...result.inputs].map(([path, text]) => [path, text === null ? null : sha256(text)]),
    wasm: Buffer.from(result.wasm).toString('base64'),
    dataEnd: result.dataEnd,
    diagnostics: result.diagnostics,
  };
  replaceFile(fileOf(workspace, options), JSON.stringify(entry));
}

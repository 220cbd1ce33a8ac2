import { join } from 'node:path';
import type { CompileOptions, CompileSuccess, Diagnostic } from '@radon/atoms-as';
import { sha256 } from '@radon/bridge/crypto';
import { ModuleError } from '@radon/bridge/wasm';
import { CommandFailure } from '../failure.ts';
import type { Workspace } from '../workspace.ts';
import type { AtomFile } from './atom-file.ts';
import { keepCompilation, recallCompilation } from './compile-cache.ts';
import { compile } from './compiler.ts';
import { describeModule, moduleFailure } from './describe.ts';
import { type FinishedModule, finishModule } from './finish.ts';
import { measureModule } from './measure.ts';
import { shown } from './project.ts';
import type { AtomProject, BuiltAtom, SourceMessage } from './types.ts';

export interface BuildOptions {
  /** Where given, the RAM need is measured; need and compilation are kept below its `.radon/`. */
  readonly measure?: Workspace;
  /** Where given, the compilation is kept below its `.radon/` without a need, too. */
  readonly cache?: Workspace;
  /** Keeps assertions and function names in the module, and logs the message of an abort before it traps. */
  readonly debug?: boolean;
  readonly signal?: AbortSignal;
}

/** Compiles, finishes and checks an atom. Throws CommandFailure; the same sources give the same bytes. */
export async function buildAtom(project: AtomProject, options: BuildOptions = {}): Promise<BuiltAtom> {
  const compiled = await compileProject(project, options);
  const finished = finish(compiled, project, options.debug ?? false);
  return describeBuilt(project, finished, messages(project, compiled.diagnostics), options);
}

/** What can be told of a finished module that runs with this configuration. Throws CommandFailure where nodes refuse it. */
export async function describeBuilt(
  { name, version, configuration }: AtomFile,
  { wasm, functionNames }: FinishedModule,
  warnings: readonly SourceMessage[],
  { measure, signal }: Pick<BuildOptions, 'measure' | 'signal'>,
): Promise<BuiltAtom> {
  const description = describeModule(wasm);
  const need = measure && (await measureModule(wasm, configuration.limits, measure, signal));
  return {
    ...description,
    name,
    version,
    wasm,
    digest: sha256(wasm),
    configuration,
    functionNames,
    warnings,
    ...(need !== undefined && { need }),
  };
}

async function compileProject(
  project: AtomProject,
  { measure, cache = measure, debug = false, signal }: BuildOptions,
): Promise<CompileSuccess> {
  const { limits } = project.configuration;
  const options: CompileOptions = { source: project.sourceFile, configuration: { limits }, debug };
  const kept = cache && recallCompilation(cache, options);
  if (kept !== undefined) return kept;
  const result = await compile(options, signal);
  if (!result.ok) throw compileFailure(project, result.diagnostics);
  if (cache !== undefined) keepCompilation(cache, options, result);
  return result;
}

function compileFailure(project: AtomProject, diagnostics: readonly Diagnostic[]): CommandFailure {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const places = messages(project, errors);
  const lines = places.map(({ file, line, column, message }) =>
    line === 0 ? message : `${file}:${line}:${column}: ${message}`,
  );
  return new CommandFailure(lines.join('\n'), {
    remedy: 'docs/guide/atoms.md says what AssemblyScript lacks and what to write instead.',
    details: { places },
  });
}

function messages({ folder }: AtomProject, diagnostics: readonly Diagnostic[]): SourceMessage[] {
  return diagnostics.map(({ file = '', line = 0, column = 0, message }) => ({
    file: file === '' || file.startsWith('~') ? file : shown(join(folder, file)),
    line,
    column,
    message,
  }));
}

function finish({ wasm, dataEnd }: CompileSuccess, project: AtomProject, keepNames: boolean): FinishedModule {
  const { memory } = project.configuration.limits;
  try {
    return finishModule(wasm, { memory, dataEnd, keepNames });
  } catch (error) {
    throw error instanceof ModuleError ? moduleFailure(error.problem) : error;
  }
}

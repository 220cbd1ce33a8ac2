import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  checkModule,
  ModuleError,
  type ModuleInfo,
  type ModuleProblem,
  readModule,
} from '@radon/bridge/wasm';
import { CommandFailure, unreadableFile, usageFailure } from '../failure.ts';
import { type AtomFile, parseAtomFile } from './atom-file.ts';
import { type BuildOptions, describeBuilt } from './build.ts';
import { moduleFailure } from './describe.ts';
import { constantExport, type FinishedModule, finishModule } from './finish.ts';
import { shown } from './project.ts';
import type { BuiltAtom } from './types.ts';

export interface PackOptions extends Pick<BuildOptions, 'measure' | 'signal'> {
  /** The configuration; left out, `atom.json` beside the module. */
  readonly configurationFile?: string;
}

/** Where C, Zig and Rust are told what to compile and link with. */
const flags = 'atoms-c/README.md has the flags for clang, Zig and Rust.';

/** What to do about a module of another compiler that nodes refuse. */
const remedies: Readonly<Record<ModuleProblem['error'], string>> = {
  BAD_MODULE: `Strip debug information (-Wl,--strip-debug) and compile for the features nodes take. ${flags}`,
  FOREIGN_IMPORT:
    'Atoms may import only functions of module radon: link no standard library, no WASI, no env.',
  REFUSED_FEATURE: `Compile without this feature, for example with -mcpu=mvp. ${flags}`,
  BAD_EXPORT: `Export memory, __heap_base and __data_end, and handlers as radon.h declares them. ${flags}`,
};

/**
 * Makes an atom of a module that another compiler made: checked, its memory cut to `limits.memory`, its state exported.
 * Throws CommandFailure naming what does not fit.
 */
export async function packModule(file: string, options: PackOptions = {}): Promise<BuiltAtom> {
  const atom = readConfiguration(file, options.configurationFile);
  return describeBuilt(atom, fitModule(readBytes(file), atom.configuration.limits.memory), [], options);
}

/** The module as nodes take it, with exactly this memory. */
function fitModule(wasm: Uint8Array, memory: number): FinishedModule {
  try {
    const finished = finishModule(wasm, { memory, dataEnd: checkLayout(readModule(wasm), memory) });
    const check = checkModule(finished.wasm, memory);
    if (!check.ok) throw packFailure(check.problem);
    return finished;
  } catch (error) {
    throw error instanceof ModuleError ? packFailure(error.problem) : error;
  }
}

function packFailure(problem: ModuleProblem): CommandFailure {
  return new CommandFailure(moduleFailure(problem).message, { remedy: remedies[problem.error] });
}

function readConfiguration(file: string, given: string | undefined): AtomFile {
  const configurationFile = given ?? join(dirname(file), 'atom.json');
  if (given === undefined && !existsSync(configurationFile)) {
    throw usageFailure(
      `There is no atom.json beside ${shown(file)}.`,
      'Write one (docs/guide/atoms.md), or name it with --config FILE.',
    );
  }
  return parseAtomFile(Buffer.from(readBytes(configurationFile)).toString(), shown(configurationFile));
}

function readBytes(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

/** Whether stack and static data fit into the memory the atom gets; answers where the data ends. */
function checkLayout(info: ModuleInfo, memory: number): number {
  const heapBase = constantExport(info, '__heap_base');
  const dataEnd = constantExport(info, '__data_end');
  if (heapBase === undefined) throw new ModuleError('BAD_EXPORT', '__heap_base is missing');
  if (dataEnd === undefined) throw new ModuleError('BAD_EXPORT', '__data_end is missing');
  // Boards cut the memory behind the 16-byte line at which the data ends.
  const used = Math.max(heapBase, Math.ceil(dataEnd / 16) * 16, info.dataLimit);
  if (used <= memory) return dataEnd;
  throw new CommandFailure(
    `Stack and static data take ${used} bytes; limits.memory in atom.json is ${memory}.`,
    {
      remedy: `Raise limits.memory, or link with a smaller stack (-z stack-size=256). ${flags}`,
      details: { used, memory },
    },
  );
}

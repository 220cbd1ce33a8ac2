import { errorSentence } from '@radon/bridge/problem';
import { type ErrorName, errorTable } from '@radon/bridge/tables';
import { type CheckedModule, checkModule, sectionId } from '@radon/bridge/wasm';
import { CommandFailure } from '../failure.ts';
import type { ModuleDescription } from './types.ts';

/** Imports, exports and sizes of a module; throws CommandFailure for one that nodes refuse. */
export function describeModule(wasm: Uint8Array): ModuleDescription {
  const check = checkModule(wasm);
  if (!check.ok) throw moduleFailure(check.problem);
  const { module } = check;
  return {
    imports: module.imports.map((entry) => ({ module: entry.module, name: entry.name })),
    exports: module.exports.map(({ name }) => name).filter((name) => !name.startsWith('radon:')),
    sizes: {
      total: module.size,
      code: sectionBytes(module, sectionId.code),
      data: sectionBytes(module, sectionId.data),
      staticMemory: module.dataEnd,
      memory: module.heapBase,
    },
  };
}

/** The failure a user sees for a module nodes refuse. */
export function moduleFailure({ error, detail }: { error: ErrorName; detail: string }): CommandFailure {
  return new CommandFailure(errorSentence(error, { detail }), { remedy: errorTable[error].remedy });
}

function sectionBytes(module: CheckedModule, id: number): number {
  return module.sections
    .filter((section) => section.id === id)
    .reduce((total, { start, end }) => total + end - start, 0);
}

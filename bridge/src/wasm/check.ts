import { abiExports, abiFunctions, abiModule } from '../tables/index.ts';
import {
  type CheckedModule,
  type FunctionImport,
  type FunctionType,
  type ModuleCheck,
  ModuleError,
  type ModuleInfo,
} from './module-info.ts';
import { readModule } from './sections.ts';
import { webAssembly } from './webassembly.ts';

/**
 * Whether a node takes this module, with the findings of radon_module_check (firmware/src/engine): its bytes are read
 * within bounds, it uses no refused feature, its imports and exports fit the runtime interface, its memory is at most
 * `memoryLimit` bytes, and it validates.
 */
export function checkModule(bytes: Uint8Array, memoryLimit = pageBytes): ModuleCheck {
  try {
    const info = readModule(bytes);
    for (const entry of info.imports) checkImport(entry);
    const module = checkExports(info, memoryLimit);
    if (!webAssembly.validate(bytes)) throw new ModuleError('BAD_MODULE', 'it does not validate');
    return { ok: true, module };
  } catch (error) {
    if (error instanceof ModuleError) return { ok: false, problem: error.problem };
    throw error;
  }
}

const pageBytes = 65_536;

/** Toolchains call these from outside; an engine on a device might run them while it makes an instance. */
const refusedExports = ['__post_instantiate', '__wasm_call_ctors'];

const signatures = new Map(abiFunctions.map((entry) => [entry.name as string, abiSignature(entry)]));

/** Pointers and lengths are i32 (docs/atom-abi.json). */
function abiSignature(entry: (typeof abiFunctions)[number]): FunctionType {
  const params = entry.params.map((param) => (param.endsWith(':f64') ? 'f64' : 'i32'));
  return { params, results: [entry.result] };
}

function checkImport({ module, name, type }: FunctionImport): void {
  const expected = module === abiModule ? signatures.get(name) : undefined;
  if (expected === undefined) throw new ModuleError('FOREIGN_IMPORT', `${module}.${name}`);
  if (!sameType(type, expected))
    throw new ModuleError('FOREIGN_IMPORT', `${module}.${name} with another signature`);
}

function sameType(left: FunctionType, right: FunctionType): boolean {
  const text = (type: FunctionType) => `${type.params.join()}>${type.results.join()}`;
  return text(left) === text(right);
}

function badExport(detail: string): never {
  throw new ModuleError('BAD_EXPORT', detail);
}

function checkExports(info: ModuleInfo, memoryLimit: number): CheckedModule {
  const memory = info.exports.find((entry) => entry.name === 'memory');
  if (memory?.kind !== 'memory' || info.memory === undefined) badExport('memory is missing');
  for (const [name, { result }] of Object.entries(abiExports)) checkHandler(info, name, result);
  for (const name of refusedExports) {
    const found = info.exports.some((entry) => entry.name === name);
    if (found) badExport(`${name} is not called by nodes; use _initialize`);
  }
  const heapBase = constantExport(info, '__heap_base');
  const dataEnd = constantExport(info, '__data_end');
  checkMemory(heapBase, dataEnd, Math.min(memoryLimit, info.memory.minimum * pageBytes));
  return { ...info, heapBase, dataEnd };
}

/** A device cuts the memory down to __heap_base bytes under these conditions and no others. */
function checkMemory(heapBase: number, dataEnd: number, limit: number): void {
  if (heapBase === 0 || heapBase % 8 !== 0) badExport('__heap_base is not a multiple of 8');
  if (Math.ceil(dataEnd / 16) * 16 > heapBase) badExport('__data_end leaves no room below __heap_base');
  if (heapBase > limit) badExport('__heap_base is beyond the memory');
}

/** The type of a function by its index; undefined beyond the end. */
function functionType(info: ModuleInfo, index: number): FunctionType | undefined {
  return index < info.imports.length
    ? info.imports[index]?.type
    : info.functions[index - info.imports.length]?.type;
}

function checkHandler(info: ModuleInfo, name: string, result: 'i32' | null): void {
  const entry = info.exports.find((candidate) => candidate.name === name);
  if (entry === undefined) return;
  const type = entry.kind === 'function' ? functionType(info, entry.index) : undefined;
  const expected: FunctionType = { params: [], results: result === null ? [] : [result] };
  if (type === undefined || !sameType(type, expected)) badExport(`${name} has another signature`);
}

/** Value of an exported immutable i32 global, which tells the loader where memory ends. */
function constantExport(info: ModuleInfo, name: string): number {
  const entry = info.exports.find((candidate) => candidate.name === name);
  const global = entry?.kind === 'global' ? info.globals[entry.index] : undefined;
  if (global === undefined || global.mutable || global.initial === undefined) badExport(`${name} is missing`);
  return global.initial >>> 0;
}

import type { ModuleInfo } from './module-info.ts';

export interface FunctionAt {
  /** Index in the function index space. */
  readonly index: number;
  /** Its name in the name section, else `#N`. */
  readonly name: string;
}

/** The function whose body holds a byte of the module; undefined outside every body. */
export function functionAt(info: ModuleInfo, offset: number): FunctionAt | undefined {
  const found = info.functions.find((entry) => offset >= entry.bodyStart && offset < entry.end);
  return found === undefined ? undefined : { index: found.index, name: functionName(info, found.index) };
}

/** Name of a function for people: from the name section, the import, or an export; else `#` and its index. */
export function functionName(info: ModuleInfo, index: number): string {
  const imported = info.imports[index];
  const exported = info.exports.find((entry) => entry.kind === 'function' && entry.index === index);
  return info.functionNames.get(index) ?? imported?.name ?? exported?.name ?? `#${index}`;
}

import { abiLimits } from '../tables/index.ts';
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

/** Name of a function for people, cut as devices cut it: from the name section or an export; else `#` and its index. */
export function functionName(info: ModuleInfo, index: number): string {
  const exported = info.exports.find((entry) => entry.kind === 'function' && entry.index === index);
  return cut(info.functionNames.get(index) || exported?.name || `#${index}`);
}

/** The characters at the start of a text that fit. */
function cut(text: string): string {
  const encoder = new TextEncoder();
  let left = abiLimits.nameBytes;
  let name = '';
  for (const character of text) {
    left -= encoder.encode(character).length;
    if (left < 0) break;
    name += character;
  }
  return name;
}

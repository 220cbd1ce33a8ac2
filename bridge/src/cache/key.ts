/** What kept answers are found by: keys that say path, query and format without ambiguity, and quickly. */
import { atomOf } from '../message/index.ts';
import type { NodeRequest } from '../registry/node.ts';

/** Begins with `pathKey(request.path)`. */
export function keyOf({ path, query, accept }: NodeRequest): string {
  const options = query.length === 0 ? '' : pathKey(query);
  return `${pathKey(path)}?${options}#${accept ?? ''}`;
}

/** Each segment with its length in front, so that a path is the prefix of those below it and of no other. */
function pathKey(segments: readonly string[]): string {
  let key = '';
  for (const segment of segments) key += `${segment.length}:${segment}`;
  return key;
}

/** Key prefix of everything of an atom. */
export function atomKey(name: string): string {
  return pathKey(['a', name]);
}

/** Key prefix of what a request that changes something may have changed: the atom it goes to, or all of the node. */
export function changedBy([first, second]: readonly string[]): string {
  const isAtom = (first === 'a' || first === 'm') && second !== undefined;
  return isAtom ? atomKey(atomOf(second)) : '';
}

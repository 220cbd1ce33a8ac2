import { checkNoEnvelope } from '../message/index.ts';
import { RadonError } from '../problem/error.ts';
import { method } from '../tables/index.ts';
import type { NodeRequest } from './node.ts';

/**
 * What an atom may ask of a node, its own or another: anything of atoms below `/a` and `/m`, and GET of what is not an
 * atom's memory. RadonError FORBIDDEN_HERE for anything else.
 */
export function checkAtomRights({ method: asked, path, contentFormat }: NodeRequest): void {
  const [first, , third] = path;
  checkNoEnvelope(path, contentFormat);
  if (first === 'a' || first === 'm') return;
  const isSnapshot = first === 'atoms' && third === 'snapshot';
  if (asked !== method.GET || isSnapshot) throw new RadonError('FORBIDDEN_HERE');
}

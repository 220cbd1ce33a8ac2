import { RadonError } from '../problem/error.ts';
import { contentFormat } from '../tables/index.ts';

/**
 * RadonError FORBIDDEN_HERE for an envelope that does not come from a node's own link: whoever could write one could
 * speak in the name of any atom. `path` is that of a resource of a node, or of the bridge's own `/m`.
 */
export function checkNoEnvelope(path: readonly string[], format: number | undefined): void {
  if (path[0] === 'm' && format === contentFormat.RADON_MESSAGE) throw new RadonError('FORBIDDEN_HERE');
}

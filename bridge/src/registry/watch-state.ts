import type { Registry } from './registry.ts';

/** Calls `changed` when what `/nodes/{name}` says is another, but for figures that change all the time; the result stops that. */
export function watchState(registry: Registry, name: string, changed: () => void): () => void {
  let last = lastingState(registry, name);
  return registry.watch(() => {
    const present = lastingState(registry, name);
    if (present === last) return;
    last = present;
    changed();
  });
}

/** Empty for a node that is not there. */
function lastingState(registry: Registry, name: string): string {
  const node = registry.get(name);
  if (node === undefined) return '';
  const { lastSeen, roundTripMs, ...lasting } = registry.stateOf(node);
  return JSON.stringify(lasting);
}

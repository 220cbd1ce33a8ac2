import type { Registry } from './registry.ts';

/** Resolves when every node of a registry is up or known to be lost, and after `withinMs` in any case. */
export function lookedAt(registry: Registry, withinMs: number): Promise<void> {
  const isOpen = () =>
    registry.list().some((node) => {
      const { link, lastError } = node.state();
      return link === 'lost' && lastError === undefined;
    });
  if (!isOpen()) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stopWatching();
      resolve();
    };
    const timer = setTimeout(done, withinMs);
    const stopWatching = registry.watch(() => isOpen() || done());
  });
}

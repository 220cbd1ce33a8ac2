import { RadonError } from '../problem/error.ts';
import type { NodePort } from '../registry/node.ts';

/** Resolves as soon as the node is up; RadonError NODE_UNREACHABLE after the time, the signal's reason when it fires. */
export async function waitUntilUp(node: NodePort, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (node.state().link === 'up') return;
  const cleanUp: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new RadonError('NODE_UNREACHABLE', { name: node.name })),
        timeoutMs,
      );
      const onAbort = () => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort);
      const unwatch = node.watch(() => node.state().link === 'up' && resolve());
      cleanUp.push(
        unwatch,
        () => clearTimeout(timer),
        () => signal?.removeEventListener('abort', onAbort),
      );
    });
  } finally {
    for (const end of cleanUp) end();
  }
}

/** Resources that the bridge observes for their history alone. */
import { RadonError } from '../problem/error.ts';
import type { Observation } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { method } from '../tables/index.ts';

interface Listed {
  readonly node: string;
  readonly path: readonly string[];
  observation: Observation | undefined;
  retry: NodeJS.Timeout | undefined;
}

/** Milliseconds until a resource that could not be observed is asked for again: its atom may come yet. */
const retryMs = 5_000;
const noPayload = new Uint8Array(0);

/** Observes `node/path` of each entry whenever the node is there; RadonError BAD_REQUEST for an entry that is none. The result ends that. */
export function observeListed(registry: Registry, entries: readonly string[]): () => void {
  const listed = entries.map(
    (entry): Listed => ({ ...parseEntry(entry), observation: undefined, retry: undefined }),
  );

  function observe(resource: Listed): void {
    const node = registry.get(resource.node);
    clearTimeout(resource.retry);
    if (node === undefined || resource.observation !== undefined) return;
    const request = { method: method.GET, path: resource.path, query: [], payload: noPayload };
    resource.observation = registry.observations.observe(node, request, {
      next() {},
      lost() {},
      back() {},
      end() {
        resource.observation = undefined;
        resource.retry = setTimeout(() => observe(resource), retryMs);
        resource.retry.unref();
      },
    });
  }

  const follow = () => {
    for (const resource of listed) observe(resource);
  };
  const stopWatching = registry.watch(follow);
  follow();
  return () => {
    stopWatching();
    for (const { observation, retry } of listed) {
      clearTimeout(retry);
      observation?.close();
    }
  };
}

/** RadonError BAD_REQUEST for what is no `node/path`. */
export function parseEntry(entry: string): Pick<Listed, 'node' | 'path'> {
  try {
    const [node = '', ...path] = entry.split('/').map(decodeURIComponent);
    if (node !== '' && path.length > 0) return { node, path };
  } catch (cause) {
    throw malformed(entry, cause);
  }
  throw malformed(entry);
}

function malformed(entry: string, cause?: unknown): RadonError {
  return new RadonError(
    'BAD_REQUEST',
    { detail: `history has "${entry}", which is no node/path` },
    { cause },
  );
}

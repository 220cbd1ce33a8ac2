/** Answers of nodes within bounds: what was not used the longest goes first. */
import type { NodeResponse } from '../registry/node.ts';

/** One representation; times in milliseconds of the cache's clock. */
export interface Kept {
  readonly response: NodeResponse;
  readonly keptAt: number;
  readonly freshUntil: number;
  /** The last answer made of it. */
  told?: NodeResponse;
}

export interface StoreBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Largest payload that is kept. */
  readonly maxPayload: number;
}

/** The answers of one node. */
export interface Shelf {
  readonly size: number;
  /** Counts as use. */
  get(key: string): Kept | undefined;
  /** Without counting as use. */
  peek(key: string): Kept | undefined;
  /** Counts as use of what `get` or `peek` gave; false when it is not there any more. */
  use(kept: Kept): boolean;
  put(key: string, kept: Kept): void;
  remove(key: string): void;
  removeBelow(prefix: string): void;
}

export interface Store {
  openShelf(): Shelf;
  readonly entries: number;
  readonly bytes: number;
}

interface Entry extends Kept {
  readonly key: string;
  readonly shelf: Map<string, Entry>;
  readonly bytes: number;
}

/** What an entry takes beside key and payload, bytes. */
const overhead = 400;

export function createStore({ maxEntries, maxBytes, maxPayload }: StoreBounds): Store {
  /** In the order of use. */
  const used = new Set<Entry>();
  let newest: Entry | undefined;
  let bytes = 0;

  function drop(entry: Entry): void {
    entry.shelf.delete(entry.key);
    used.delete(entry);
    if (newest === entry) newest = undefined;
    bytes -= entry.bytes;
  }

  function use(entry: Entry): void {
    used.delete(entry);
    used.add(entry);
    newest = entry;
  }

  function makeRoom(): void {
    for (const oldest of used) {
      if (used.size <= maxEntries && bytes <= maxBytes) return;
      drop(oldest);
    }
  }

  function openShelf(): Shelf {
    const shelf = new Map<string, Entry>();
    const remove = (key: string) => {
      const entry = shelf.get(key);
      if (entry !== undefined) drop(entry);
    };
    return {
      get size() {
        return shelf.size;
      },
      get(key) {
        const entry = shelf.get(key);
        if (entry !== undefined && entry !== newest) use(entry);
        return entry;
      },
      peek: (key) => shelf.get(key),
      use(kept) {
        if (kept === newest) return true;
        const entry = kept as Entry;
        const isThere = used.has(entry);
        if (isThere) use(entry);
        return isThere;
      },
      put(key, kept) {
        remove(key);
        const { length } = kept.response.payload;
        if (length > maxPayload) return;
        const entry = { ...kept, key, shelf, bytes: overhead + 2 * key.length + length };
        shelf.set(key, entry);
        use(entry);
        bytes += entry.bytes;
        makeRoom();
      },
      remove,
      removeBelow(prefix) {
        for (const [key, entry] of shelf) if (key.startsWith(prefix)) drop(entry);
      },
    };
  }

  return {
    openShelf,
    get entries() {
      return used.size;
    },
    get bytes() {
      return bytes;
    },
  };
}

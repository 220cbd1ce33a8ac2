/** CoAP clients for servers outside: one for each host and port, kept while it is used and a while longer. */
import { createCoapContext } from '../coap/context.ts';
import type { CoapContext } from '../coap/types.ts';
import { openUdpClient } from '../link/udp.ts';
import { RadonError } from '../problem/error.ts';

export interface OutsideClients {
  /** RadonError NODE_UNREACHABLE when the host has no address, BUSY when too many others are in use. */
  take(host: string, port: number): Promise<TakenClient>;
  /** Closes every client; what is under way fails. Idempotent. */
  close(): Promise<void>;
}

export interface TakenClient {
  readonly client: CoapContext;
  /** Idempotent. */
  release(): void;
}

interface Entry {
  readonly opening: Promise<CoapContext>;
  users: number;
  linger: NodeJS.Timeout | undefined;
}

const mostClients = 32;
/** Milliseconds an unused client stays: the other side may repeat a message that wants its acknowledgement. */
const lingerMs = 60_000;

export function createOutsideClients(): OutsideClients {
  const entries = new Map<string, Entry>();

  function open(key: string, host: string, port: number): Entry {
    makeRoom();
    const opening = openUdpClient({ host, port }).then((link) => createCoapContext(link));
    const entry: Entry = { opening, users: 0, linger: undefined };
    entries.set(key, entry);
    opening.catch(() => entries.delete(key));
    return entry;
  }

  /** The client that is unused longest gives way. */
  function makeRoom(): void {
    if (entries.size < mostClients) return;
    const unused = [...entries].find(([, { users }]) => users === 0);
    if (unused === undefined) throw new RadonError('BUSY', { detail: 'requests to other hosts' });
    drop(...unused);
  }

  function drop(key: string, entry: Entry): Promise<void> {
    clearTimeout(entry.linger);
    entries.delete(key);
    return entry.opening.then(
      (client) => client.close(),
      () => undefined,
    );
  }

  function leave(key: string, entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0 || entries.get(key) !== entry) return;
    entries.delete(key);
    entries.set(key, entry);
    entry.linger = setTimeout(() => void drop(key, entry), lingerMs);
    entry.linger.unref();
  }

  return {
    async take(host, port) {
      const key = `${host} ${port}`;
      const entry = entries.get(key) ?? open(key, host, port);
      clearTimeout(entry.linger);
      entry.users += 1;
      try {
        const client = await entry.opening;
        return { client, release: once(() => leave(key, entry)) };
      } catch (cause) {
        throw new RadonError('NODE_UNREACHABLE', { name: host }, { cause });
      }
    },
    async close() {
      await Promise.all([...entries].map(([key, entry]) => drop(key, entry)));
    },
  };
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}

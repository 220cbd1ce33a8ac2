/** Observers of the bridge's CoAP servers, kept over a restart: docs/reference/restart.md. */
import { join } from 'node:path';
import type { CoapContext, ObserverRecord } from '../coap/types.ts';
import { openStateFolder } from '../storage/index.ts';

export interface KeptObservations {
  /**
   * Writes down who observes at a server, for as long as it is followed. Observers of an earlier run under that name and
   * port (0: it has none) are resumed when `resume` is called.
   */
  follow(name: string, port: number, server: ObservedServer): Following;
  /** A server that is gone for good. */
  forget(name: string): void;
  /** Resolves when all is on disk, or cannot be. */
  settled(): Promise<void>;
}

export type ObservedServer = Pick<CoapContext, 'observerRecords' | 'watchObservers' | 'resumeObservers'>;

export interface Following {
  resume(): void;
  /** Before the server is closed, whose observers are to be resumed. Idempotent. */
  stop(): void;
}

interface Kept {
  readonly port: number;
  readonly observers: readonly ObserverRecord[];
}

/** From a change until it is written down, milliseconds. */
const writeAfterMs = 500;

export function openKeptObservations(
  radonFolder: string,
  warn: (sentence: string) => void,
): KeptObservations {
  const folder = openStateFolder(join(radonFolder, 'observations'), {
    parse: parseKept,
    write: writeKept,
    warn,
  });

  function follow(name: string, port: number, server: ObservedServer): Following {
    const before = folder.found.get(name);
    let waiting = before?.port === port ? before.observers : [];
    let timer: NodeJS.Timeout | undefined;
    const write = () => {
      timer = undefined;
      const observers = [...waiting, ...server.observerRecords()];
      if (observers.length > 0) folder.put(name, { port, observers });
      else folder.delete(name);
    };
    let stopWatching: (() => void) | undefined = server.watchObservers(() => {
      timer ??= setTimeout(write, writeAfterMs);
    });
    return {
      resume() {
        const resumed = waiting;
        waiting = [];
        server.resumeObservers(resumed);
      },
      stop() {
        if (stopWatching === undefined) return;
        stopWatching();
        stopWatching = undefined;
        clearTimeout(timer);
        write();
      },
    };
  }

  return {
    follow,
    forget: (name) => folder.delete(name),
    settled: () => folder.settled().catch((error: unknown) => warn(`observations: ${String(error)}`)),
  };
}

function writeKept({ port, observers }: Kept): unknown {
  const rows = observers.map((observer) => ({
    ...observer,
    message: Buffer.from(observer.message).toString('base64'),
  }));
  return { port, observers: rows };
}

function parseKept(value: unknown): Kept {
  const { port, observers } = value as Readonly<Record<string, unknown>>;
  if (typeof port !== 'number' || !Array.isArray(observers))
    throw new TypeError('port or observers is missing');
  return { port, observers: observers.map(parseObserver) };
}

function parseObserver(row: Readonly<Record<string, unknown>>): ObserverRecord {
  const { address, port, message, sequence } = row;
  const isWhole = typeof address === 'string' && typeof message === 'string';
  if (!isWhole || !isUint(port, 0xffff) || !isUint(sequence, 0xffffff))
    throw new TypeError('an observer has address, port, message and sequence');
  return { address, port, message: new Uint8Array(Buffer.from(message, 'base64')), sequence };
}

function isUint(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

/** `.radon/audit.log`: who changed what, one line of JSON each, for its owner alone. */
import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface AuditEntry {
  /** Name of the token; left out where none was asked for or none was good. */
  readonly who?: string;
  /** Address of the client. */
  readonly client: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** HTTP status, or CoAP code such as "2.04". */
  readonly status: number | string;
}

export interface AuditLog {
  /** Adds a line, written at once: before the answer leaves. Further lines of a turn of the event loop are written at its end. */
  write(entry: AuditEntry): void;
  /** Writes what is left. Idempotent. */
  close(): void;
}

export interface AuditLogOptions {
  /** Told what the file system says to lines that could not be written; they are lost. */
  readonly onError?: (error: unknown) => void;
  /** Bytes from which on the file becomes FILE.1, in place of the one before it (default 16 MiB). */
  readonly maxBytes?: number;
  /** UTC, milliseconds. */
  readonly now?: () => number;
}

const defaultMaxBytes = 16 * 1024 * 1024;
/** Longest path kept, characters. */
const maxPath = 300;

export function openAuditLog(file: string, options: AuditLogOptions = {}): AuditLog {
  const { maxBytes = defaultMaxBytes, now = Date.now, onError } = options;
  const formatTime = createTimeFormat();
  const formatRest = createRestFormat();
  let lines = '';
  let descriptor: number | undefined;
  let size = 0;
  /** Whether lines wait for the end of this turn. */
  let isGathering = false;

  function open(): number {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const opened = openSync(file, 'a', 0o600);
    fchmodSync(opened, 0o600);
    size = fstatSync(opened).size;
    descriptor = opened;
    return opened;
  }

  function current(): number {
    const opened = descriptor ?? open();
    if (size < maxBytes) return opened;
    closeFile();
    renameSync(file, `${file}.1`);
    return open();
  }

  function closeFile(): void {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  }

  function flush(): void {
    if (lines === '') return;
    const text = lines;
    lines = '';
    try {
      const written = writeSync(current(), text);
      size += written;
    } catch (error) {
      onError?.(error);
    }
  }

  function gather(): void {
    if (isGathering) return;
    isGathering = true;
    setImmediate(() => {
      isGathering = false;
      flush();
    });
  }

  return {
    write(entry) {
      lines += `{"time":"${formatTime(now())}",${formatRest(entry)}\n`;
      if (isGathering && lines.length < maxBytes - size) return;
      flush();
      gather();
    },
    close() {
      flush();
      closeFile();
    },
  };
}

/** What follows the time. A client that changes one resource again and again has the same line but for that. */
function createRestFormat(): (entry: AuditEntry) => string {
  let last: AuditEntry = { client: '', method: '', path: '', status: '' };
  let lastText = '';
  return (entry) => {
    if (!isSame(entry, last)) {
      // Member by member: a spread takes longer than all the rest.
      const { who, client, method, path, status } = entry;
      lastText = JSON.stringify({ who, client, method, path: path.slice(0, maxPath), status }).slice(1);
      last = entry;
    }
    return lastText;
  };
}

function isSame(a: AuditEntry, b: AuditEntry): boolean {
  const isSameParty = a.client === b.client && a.who === b.who;
  return isSameParty && a.path === b.path && a.method === b.method && a.status === b.status;
}

/** Several lines are of one millisecond. */
function createTimeFormat(): (ms: number) => string {
  let lastMs = Number.NaN;
  let lastText = '';
  return (ms) => {
    if (ms !== lastMs) lastText = new Date(ms).toISOString();
    lastMs = ms;
    return lastText;
  };
}

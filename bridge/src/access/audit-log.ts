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
  /** On the disk's way when it returns. Throws what the file system says. */
  write(entry: AuditEntry): void;
  /** Idempotent. */
  close(): void;
}

export interface AuditLogOptions {
  /** Bytes from which on the file becomes FILE.1, in place of the one before it (default 4 MiB). */
  readonly maxBytes?: number;
  /** UTC, milliseconds. */
  readonly now?: () => number;
}

const defaultMaxBytes = 4 * 1024 * 1024;
/** Longest path kept, characters. */
const maxPath = 300;

export function openAuditLog(file: string, options: AuditLogOptions = {}): AuditLog {
  const { maxBytes = defaultMaxBytes, now = Date.now } = options;
  let descriptor: number | undefined;
  let size = 0;

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
    close();
    renameSync(file, `${file}.1`);
    return open();
  }

  function close(): void {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  }

  return {
    write(entry) {
      const time = new Date(now()).toISOString();
      const line = `${JSON.stringify({ time, ...entry, path: entry.path.slice(0, maxPath) })}\n`;
      const written = writeSync(current(), line);
      size += written;
    },
    close,
  };
}

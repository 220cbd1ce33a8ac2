/**
 * An append-only file of checksummed records that survives a cut at any byte: what append() returned from is there
 * after the next open, a torn end is cut off. Rewriting replaces the file by a complete new one (rename).
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from '../../image/crc32.ts';

/** Length and CRC-32 of the content, both little endian. */
const headerBytes = 8;

/** Larger than any record written here: a length above it is damage. */
const mostBytes = 1 << 20;

export class RecordLog {
  readonly #path: string;
  #file: number;
  #length: number;
  /** Part of a failed record may stand behind `#length`. */
  #torn = false;

  private constructor(path: string, file: number, length: number) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
  }

  /** Opens or makes the file, hands every whole record to `record` in order, and cuts off a torn end. */
  static open(path: string, record: (content: Uint8Array) => void): RecordLog {
    const file = openSync(path, 'a+', 0o600);
    const bytes = readFileSync(path);
    let length = 0;
    for (let content = next(bytes, 0); content !== undefined; content = next(bytes, length)) {
      record(content);
      length += headerBytes + content.length;
    }
    if (length < bytes.length) ftruncateSync(file, length);
    fsyncSync(file);
    syncFolder(path);
    return new RecordLog(path, file, length);
  }

  /** Bytes in the file. */
  get length(): number {
    return this.#length;
  }

  /** Returns once the record is on disk. When it throws, the record is not part of the log. */
  append(content: Uint8Array): void {
    const record = frame(content);
    if (this.#torn) ftruncateSync(this.#file, this.#length);
    this.#torn = true;
    writeWhole(this.#file, record);
    fdatasyncSync(this.#file);
    this.#torn = false;
    this.#length += record.length;
  }

  /** Replaces everything by these records. */
  rewrite(contents: Iterable<Uint8Array>): void {
    const path = `${this.#path}.new`;
    const file = openSync(path, 'w', 0o600);
    let length = 0;
    try {
      for (const content of contents) length += writeWhole(file, frame(content));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(path, this.#path);
    syncFolder(this.#path);
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a+', 0o600);
    this.#length = length;
    this.#torn = false;
  }

  close(): void {
    closeSync(this.#file);
  }
}

function frame(content: Uint8Array): Uint8Array {
  const record = new Uint8Array(headerBytes + content.length);
  const header = new DataView(record.buffer);
  header.setUint32(0, content.length, true);
  header.setUint32(4, crc32(content), true);
  record.set(content, headerBytes);
  return record;
}

/** The record that starts at `at`, undefined at the end or where the file is damaged. */
function next(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (at + headerBytes > bytes.length) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, headerBytes);
  const length = header.getUint32(0, true);
  const start = at + headerBytes;
  if (length === 0 || length > mostBytes || start + length > bytes.length) return undefined;
  const content = bytes.subarray(start, start + length);
  return crc32(content) === header.getUint32(4, true) ? content : undefined;
}

function writeWhole(file: number, bytes: Uint8Array): number {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  return bytes.length;
}

/** A new or renamed name is on disk only once its folder is. */
export function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

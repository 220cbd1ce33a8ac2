/**
 * What the host node keeps of its atoms over a restart: signed manifests in two slots per atom, the highest sequence
 * number, and payloads by digest. Every change is on disk when its method returns; a cut leaves the state before it.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../crypto/index.ts';
import { decodeFieldsStrictly, encodeFields, sameBytes, toHex } from '../fields/index.ts';
import { RecordLog, syncFolder } from './activation/record-log.ts';

export type Slot = 'a' | 'b';

export interface CatalogEntry {
  readonly name: string;
  /** Highest ever accepted; survives deletion. */
  readonly sequence: number;
  /** The slot that runs, undefined when none does (deleted, or never complete). */
  readonly active?: Slot | undefined;
  /** Signed manifests. */
  readonly a?: Uint8Array | undefined;
  readonly b?: Uint8Array | undefined;
}

/** A log longer than this is rewritten to one record per atom. */
const rewriteBytes = 4 * 1024 * 1024;

export class Catalog {
  readonly #folder: string;
  readonly #entries = new Map<string, CatalogEntry>();
  readonly #log: RecordLog;

  private constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, 'payloads'), { recursive: true, mode: 0o700 });
    this.#log = RecordLog.open(join(folder, 'atoms.log'), (record) => this.#apply(record));
    this.#rewrite();
  }

  static open(folder: string): Catalog {
    return new Catalog(folder);
  }

  close(): void {
    this.#log.close();
  }

  entries(): readonly CatalogEntry[] {
    return [...this.#entries.values()];
  }

  get(name: string): CatalogEntry | undefined {
    return this.#entries.get(name);
  }

  put(entry: CatalogEntry): void {
    const record = encodeEntry(entry);
    this.#log.append(record);
    this.#apply(record);
    if (this.#log.length > rewriteBytes) this.#rewrite();
  }

  #rewrite(): void {
    this.#log.rewrite([...this.#entries.values()].map(encodeEntry));
  }

  #apply(record: Uint8Array): void {
    const entry = decodeEntry(record);
    this.#entries.set(entry.name, entry);
  }

  // ---- Payloads ----

  /** The whole payload, undefined while bytes are missing. One that was damaged on disk is thrown away: it is missing. */
  payload(digest: Uint8Array): Uint8Array | undefined {
    const path = this.#path(digest);
    if (!existsSync(path)) return undefined;
    const bytes = new Uint8Array(readFileSync(path));
    if (sameBytes(sha256(bytes), digest)) return bytes;
    rmSync(path, { force: true });
    return undefined;
  }

  hasPayload(digest: Uint8Array): boolean {
    return existsSync(this.#path(digest));
  }

  /** Bytes received of a payload that is not whole. */
  received(digest: Uint8Array): number {
    const part = `${this.#path(digest)}.part`;
    return existsSync(part) ? statSync(part).size : 0;
  }

  /** Appends a piece; the caller has compared its offset with `received`. */
  receive(digest: Uint8Array, piece: Uint8Array): void {
    appendFileSync(`${this.#path(digest)}.part`, piece, { mode: 0o600 });
  }

  receivedBytes(digest: Uint8Array): Uint8Array {
    return new Uint8Array(readFileSync(`${this.#path(digest)}.part`));
  }

  discard(digest: Uint8Array): void {
    rmSync(`${this.#path(digest)}.part`, { force: true });
  }

  /** Keeps a payload whose digest was checked. */
  keep(digest: Uint8Array, code: Uint8Array): void {
    const path = this.#path(digest);
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeFileSync(file, code);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    syncFolder(path);
    this.discard(digest);
  }

  /** Removes payloads and parts that no manifest names. */
  sweep(named: readonly Uint8Array[]): void {
    const kept = new Set(named.map(toHex));
    const folder = join(this.#folder, 'payloads');
    for (const name of readdirSync(folder)) {
      if (!kept.has(name.slice(0, 64))) rmSync(join(folder, name), { force: true });
    }
  }

  #path(digest: Uint8Array): string {
    return join(this.#folder, 'payloads', toHex(digest));
  }
}

const noManifest = new Uint8Array(0);

/** The active slot stands in `slot`, manifests as a pair in `payloads`. */
function encodeEntry({ name, sequence, active, a, b }: CatalogEntry): Uint8Array {
  return encodeFields({ name, sequence, slot: active ?? '', payloads: [a ?? noManifest, b ?? noManifest] });
}

function decodeEntry(record: Uint8Array): CatalogEntry {
  const { name, sequence, slot, payloads } = decodeFieldsStrictly(record) as unknown as {
    readonly name: string;
    readonly sequence: number;
    readonly slot: Slot | '';
    readonly payloads: readonly [Uint8Array, Uint8Array];
  };
  const [a, b] = payloads.map((manifest) => (manifest.length === 0 ? undefined : manifest));
  return { name, sequence, active: slot === '' ? undefined : slot, a, b };
}

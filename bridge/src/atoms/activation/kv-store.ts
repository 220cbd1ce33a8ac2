import { abiError, abiLimits } from '../../tables/index.ts';
import { RecordLog } from './record-log.ts';

/** What a record does: its first byte. */
const operation = { set: 1, delete: 2, forget: 3 } as const;

/** Below this size the log is not rewritten. */
const rewriteBytes = 256 * 1024;

const newline = 0x0a;

type Pairs = Map<string, Uint8Array>;

/**
 * The pairs of every atom of a node. Keys and names are held as Latin-1 text, one character a byte, so that they
 * compare by bytes. What a write answered 0 for is on disk.
 */
export class KvStore {
  readonly #log: RecordLog;
  readonly #atoms = new Map<string, Pairs>();
  /** Length of the log from which on it is looked at again whether a rewrite pays. */
  #rewriteAt = rewriteBytes;

  private constructor(path: string) {
    this.#log = RecordLog.open(path, (record) => this.#apply(record));
  }

  static open(path: string): KvStore {
    return new KvStore(path);
  }

  close(): void {
    this.#log.close();
  }

  /** Sum of the key and value lengths of an atom. */
  used(atom: string): number {
    let sum = 0;
    for (const [key, value] of this.#atoms.get(atom) ?? []) sum += key.length + value.length;
    return sum;
  }

  get(atom: string, key: Uint8Array): Uint8Array | number {
    return checkKey(key) ?? this.#atoms.get(atom)?.get(latin1(key)) ?? abiError.E_NOT_FOUND;
  }

  /** `quota` bounds the sum of all pairs of the atom. */
  set(atom: string, key: Uint8Array, value: Uint8Array, quota: number): number {
    if (key.length === 0 || key.includes(newline)) return abiError.E_ARG;
    if (key.length > abiLimits.kvKeyBytes || value.length > abiLimits.kvValueBytes) return abiError.E_TOO_BIG;
    const before = this.#atoms.get(atom)?.get(latin1(key));
    const replaced = before === undefined ? 0 : key.length + before.length;
    if (this.used(atom) - replaced + key.length + value.length > quota) return abiError.E_QUOTA;
    return this.#write(encode(operation.set, atom, key, value));
  }

  delete(atom: string, key: Uint8Array): number {
    const error = checkKey(key);
    if (error !== undefined) return error;
    if (!this.#atoms.get(atom)?.has(latin1(key))) return abiError.E_NOT_FOUND;
    return this.#write(encode(operation.delete, atom, key));
  }

  /** Keys that start with `prefix`, ascending, a newline after each. */
  list(atom: string, prefix: Uint8Array): Uint8Array | number {
    if (prefix.length > abiLimits.kvKeyBytes) return abiError.E_TOO_BIG;
    const start = latin1(prefix);
    const keys = [...(this.#atoms.get(atom)?.keys() ?? [])].filter((key) => key.startsWith(start)).sort();
    return Buffer.from(keys.map((key) => `${key}\n`).join(''), 'latin1');
  }

  /** All pairs of an atom, ascending by key. */
  pairs(atom: string): { key: Uint8Array; value: Uint8Array }[] {
    const pairs = [...(this.#atoms.get(atom) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return pairs.map(([key, value]) => ({ key: new Uint8Array(Buffer.from(key, 'latin1')), value }));
  }

  /**
   * The atom has these pairs and no others afterwards; an error leaves those that were not reached yet. Their sum was
   * checked; on the way there may be more.
   */
  replace(atom: string, pairs: readonly { key: Uint8Array; value: Uint8Array }[]): number {
    const kept = new Set(pairs.map(({ key }) => latin1(key)));
    const gone = this.pairs(atom).filter(({ key }) => !kept.has(latin1(key)));
    for (const { key } of gone) {
      const result = this.delete(atom, key);
      if (result < 0) return result;
    }
    for (const { key, value } of pairs) {
      const result = this.set(atom, key, value, Number.POSITIVE_INFINITY);
      if (result < 0) return result;
    }
    return 0;
  }

  /** Removes every pair of an atom. */
  forget(atom: string): number {
    return this.#atoms.has(atom) ? this.#write(encode(operation.forget, atom)) : 0;
  }

  #write(record: Uint8Array): number {
    try {
      this.#log.append(record);
    } catch {
      return abiError.E_IO;
    }
    this.#apply(record);
    this.#rewriteWhenWorn();
    return 0;
  }

  #apply(record: Uint8Array): void {
    const { kind, atom, key, value } = decode(record);
    if (kind === operation.forget) this.#atoms.delete(atom);
    const pairs = this.#atoms.get(atom) ?? new Map<string, Uint8Array>();
    if (kind === operation.delete) pairs.delete(key);
    if (kind === operation.set) pairs.set(key, value);
    if (pairs.size > 0) this.#atoms.set(atom, pairs);
    else this.#atoms.delete(atom);
  }

  /** Rewrites a log of which three quarters are overwritten. A failure here loses nothing: the old log stays. */
  #rewriteWhenWorn(): void {
    if (this.#log.length < this.#rewriteAt) return;
    const live = [...this.#records()].reduce((sum, record) => sum + record.length, 0);
    this.#rewriteAt = Math.max(rewriteBytes, live * 4);
    if (this.#log.length < this.#rewriteAt) return;
    try {
      this.#log.rewrite(this.#records());
    } catch {
      this.#rewriteAt = this.#log.length * 2;
    }
  }

  *#records(): Generator<Uint8Array> {
    for (const [atom, pairs] of this.#atoms) {
      for (const [key, value] of pairs) yield encode(operation.set, atom, Buffer.from(key, 'latin1'), value);
    }
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function checkKey(key: Uint8Array): number | undefined {
  if (key.length === 0) return abiError.E_ARG;
  return key.length > abiLimits.kvKeyBytes ? abiError.E_TOO_BIG : undefined;
}

const none = new Uint8Array(0);

/** Operation, length and bytes of the atom's name, length and bytes of the key, then the value. */
function encode(kind: number, atom: string, key: Uint8Array = none, value: Uint8Array = none): Uint8Array {
  const name = Buffer.from(atom, 'latin1');
  return Buffer.concat([Uint8Array.of(kind, name.length), name, Uint8Array.of(key.length), key, value]);
}

function decode(record: Uint8Array): { kind: number; atom: string; key: string; value: Uint8Array } {
  const keyAt = 3 + (record[1] ?? 0);
  const valueAt = keyAt + (record[keyAt - 1] ?? 0);
  return {
    kind: record[0] ?? 0,
    atom: latin1(record.subarray(2, keyAt - 1)),
    key: latin1(record.subarray(keyAt, valueAt)),
    value: record.slice(valueAt),
  };
}

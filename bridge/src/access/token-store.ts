/** `.radon/tokens.json`: names, rights and digests of tokens, for its owner alone. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Caller, isTokenRight, type TokenRight } from './caller.ts';
import { createToken, digestOf } from './token-digest.ts';

export interface StoredToken extends Caller {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly digest: Buffer;
  /** UTC, milliseconds. */
  readonly created: number;
}

export interface TokenStore {
  /** What the file says now; read again only when it was replaced. */
  list(): readonly StoredToken[];
  /** The new token, which is kept nowhere. The name must be free. */
  create(name: string, right: TokenRight): string;
  /** False when there is none of that name. */
  revoke(name: string): boolean;
}

/** Throws, with the file's name, when it holds anything but tokens: then nobody gets in. */
export function openTokenStore(radonFolder: string, now: () => number = Date.now): TokenStore {
  const file = join(radonFolder, 'tokens.json');
  let read: { readonly version: string; readonly tokens: readonly StoredToken[] } | undefined;

  function list(): readonly StoredToken[] {
    const version = versionOf(file);
    if (version === undefined) return [];
    if (read?.version !== version) read = { version, tokens: parseTokens(readFileSync(file, 'utf8'), file) };
    return read.tokens;
  }

  function write(tokens: readonly StoredToken[]): void {
    const rows = tokens.map(({ name, right, digest, created }) => ({
      name,
      right,
      sha256: digest.toString('hex'),
      created,
    }));
    mkdirSync(radonFolder, { recursive: true, mode: 0o700 });
    replacePrivately(file, `${JSON.stringify(rows, null, 2)}\n`);
  }

  return {
    list,
    create(name, right) {
      const token = createToken();
      write([...list(), { name, right, digest: digestOf(token), created: now() }]);
      return token;
    },
    revoke(name) {
      const tokens = list();
      const rest = tokens.filter((token) => token.name !== name);
      if (rest.length < tokens.length) write(rest);
      return rest.length < tokens.length;
    },
  };
}

/** Another for every file that takes this one's place; undefined when there is none. */
function versionOf(file: string): string | undefined {
  const state = statSync(file, { throwIfNoEntry: false, bigint: true });
  return state && `${state.ino} ${state.mtimeNs} ${state.size}`;
}

function replacePrivately(file: string, text: string): void {
  const fresh = `${file}.${process.pid}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600 });
    chmodSync(fresh, 0o600);
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}

function parseTokens(text: string, file: string): readonly StoredToken[] {
  try {
    const rows: unknown = JSON.parse(text);
    if (Array.isArray(rows)) return rows.map(parseToken);
  } catch (cause) {
    throw new Error(`${file} cannot be read as a list of tokens.`, { cause });
  }
  throw new Error(`${file} is no list of tokens.`);
}

function parseToken(row: Readonly<Record<string, unknown>>): StoredToken {
  const { name, right, sha256, created } = row;
  const isDigest = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
  if (typeof name !== 'string' || !isTokenRight(right) || !isDigest || typeof created !== 'number')
    throw new TypeError('a token has a name, a right, a SHA-256 and a time');
  return { name, right, digest: Buffer.from(sha256, 'hex'), created };
}

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeyBytes } from '@radon/bridge/crypto';
import { keyRight, type Provisioning } from '@radon/bridge/image';
import { CommandFailure, usageFailure } from '../failure.ts';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';

/** Rights a board grants a key (docs/reference/wire.md, provisioning record). */
export type KeyRight = keyof typeof keyRight;

/** The bits of a set of rights. */
export function rightBits(rights: readonly KeyRight[]): number {
  return rights.reduce((bits, right) => bits | keyRight[right], 0);
}

/** What a board is told about a key. */
export interface TrustedKey {
  readonly name: string;
  /** Ed25519 public key, 32 bytes as hexadecimal text. */
  readonly key: string;
  readonly prefix: string;
  readonly rights: readonly KeyRight[];
}

export interface SigningKey {
  readonly name: string;
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A board's provisioning record has room for this many (docs/reference/wire.md). */
export const maxTrustedKeys = 4;

const keyName = /^[a-z][a-z0-9-]{0,31}$/;

export interface KeyStore {
  create(name: string): SigningKey;
  /** The private keys held here, by name. */
  list(): readonly string[];
  load(name: string): SigningKey;
  /** A new key under `name`, with the trust of the old one, which is kept as `aside`. */
  rotate(name: string, aside: string): SigningKey;
  /** The keys that boards provisioned from here trust. */
  trusted(): readonly TrustedKey[];
  trust(key: TrustedKey): void;
  distrust(name: string): void;
}

/** Keys of a workspace in `.radon/keys/`: one PEM file (PKCS#8, mode 0600) a key, and `trusted.json`. */
export function openKeyStore(workspace: Workspace): KeyStore {
  const folder = () => workspace.folder('keys');
  const pem = (name: string) => join(folder(), `${name}.pem`);
  const trustFile = () => join(folder(), 'trusted.json');
  const trusted = (): TrustedKey[] =>
    existsSync(trustFile()) ? (JSON.parse(readFileSync(trustFile(), 'utf8')) as TrustedKey[]) : [];
  const writeTrusted = (keys: readonly TrustedKey[]) => {
    replaceFile(trustFile(), `${JSON.stringify(keys, null, 2)}\n`);
  };
  const load = (name: string): SigningKey => {
    if (!existsSync(pem(name))) {
      throw new CommandFailure(`There is no key ${name}.`, {
        remedy: `Make it with: radon keys create ${name}`,
      });
    }
    const privateKey = readPrivateKey(pem(name), name);
    if (privateKey.asymmetricKeyType !== 'ed25519') {
      throw new CommandFailure(`The key ${name} is not an Ed25519 key.`, {
        remedy: 'Make another with radon keys create.',
      });
    }
    return { name, privateKey, publicKey: publicKeyBytes(privateKey) };
  };
  const create = (name: string): SigningKey => {
    if (!keyName.test(name)) {
      throw usageFailure(
        `"${name}" is no key name.`,
        'Use lower-case letters, digits and hyphens, at most 32, a letter first.',
      );
    }
    if (existsSync(pem(name))) {
      throw new CommandFailure(`The key ${name} exists already.`, {
        remedy: 'Choose another name, or radon keys rotate.',
      });
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(pem(name), privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      mode: 0o600,
      flag: 'wx',
    });
    return load(name);
  };
  return {
    create,
    rotate(name, aside) {
      const old = load(name);
      renameSync(pem(name), pem(aside));
      const fresh = create(name);
      const key = Buffer.from(fresh.publicKey).toString('hex');
      const former = Buffer.from(old.publicKey).toString('hex');
      writeTrusted(trusted().map((other) => (other.key === former ? { ...other, key } : other)));
      return fresh;
    },
    list: () =>
      readdirSync(folder())
        .filter((file) => file.endsWith('.pem'))
        .map((file) => file.slice(0, -4))
        .sort(),
    load,
    trusted,
    trust(key) {
      const others = trusted().filter((other) => other.name !== key.name);
      if (others.length >= maxTrustedKeys) {
        throw new CommandFailure(`A board trusts at most ${maxTrustedKeys} keys.`, {
          remedy: 'Take one away with radon keys distrust NAME.',
        });
      }
      writeTrusted([...others, key]);
    },
    distrust(name) {
      const keys = trusted();
      const rest = keys.filter((key) => key.name !== name);
      if (rest.length === keys.length)
        throw new CommandFailure(`No key ${name} is trusted here.`, {
          remedy: 'radon keys list shows them.',
        });
      writeTrusted(rest);
    },
  };
}

function readPrivateKey(file: string, name: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file));
  } catch (cause) {
    throw new CommandFailure(`The file of the key ${name} cannot be read as a key.`, {
      remedy: `Restore ${file}, or remove it and make another key.`,
      cause,
    });
  }
}

/** Name of the key that is made when a workspace has none: trusted for every name with every right. */
const defaultKeyName = 'dev';

/** The key to sign with: the named one, or the default, made and trusted on first use. */
export function signingKey(store: KeyStore, name?: string): SigningKey {
  if (name !== undefined) return store.load(name);
  ensureDefaultKey(store);
  return store.load(defaultKeyName);
}

/** Makes and trusts the default key where the workspace trusts none yet. */
function ensureDefaultKey(store: KeyStore): void {
  if (store.list().length > 0 || store.trusted().length > 0) return;
  const { publicKey } = store.create(defaultKeyName);
  store.trust({
    name: defaultKeyName,
    key: Buffer.from(publicKey).toString('hex'),
    prefix: '',
    rights: ['deploy', 'control'],
  });
}

/** The trusted keys of a workspace as nodes take them; the default key is made where none is trusted yet. */
export function keysForNodes(store: KeyStore): Provisioning['keys'] {
  ensureDefaultKey(store);
  return store.trusted().map(({ key, prefix, rights }) => ({
    key: new Uint8Array(Buffer.from(key, 'hex')),
    prefix,
    rights: rightBits(rights),
  }));
}

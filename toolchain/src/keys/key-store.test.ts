import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { type KeyStore, maxTrustedKeys, openKeyStore, rightBits, signingKey } from './key-store.ts';

let folder: string;
let workspace: Workspace;
let store: KeyStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-keys-'));
  workspace = openWorkspace(folder);
  store = openKeyStore(workspace);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const trust = (name: string) => ({
  name,
  key: name.padEnd(64, '0'),
  prefix: '',
  rights: ['deploy'] as const,
});

describe('key store', () => {
  it('keeps a private key for its owner alone', () => {
    const made = store.create('release');
    expect(statSync(join(workspace.radon, 'keys', 'release.pem')).mode & 0o777).toBe(0o600);
    expect(store.load('release').publicKey).toEqual(made.publicKey);
    expect(store.list()).toEqual(['release']);
  });

  it('does not make a key twice, nor one under an odd name', () => {
    store.create('release');
    expect(() => store.create('release')).toThrow('The key release exists already.');
    for (const name of ['', 'Release', '../release', '1st', 'a'.repeat(33)])
      expect(() => store.create(name)).toThrow(/is no key name/);
  });

  it('refuses a key of another kind', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const file = join(workspace.folder('keys'), 'curve.pem');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => store.load('curve')).toThrow('The key curve is not an Ed25519 key.');
  });

  it('refuses a file that holds no key, without a stack trace of OpenSSL', () => {
    writeFileSync(join(workspace.folder('keys'), 'torn.pem'), '-----BEGIN PRIVATE KEY-----\n');
    expect(() => store.load('torn')).toThrow('The file of the key torn cannot be read as a key.');
  });

  it('trusts as many keys as a board has room for', () => {
    for (let index = 0; index < maxTrustedKeys; index += 1) store.trust(trust(`k${index}`));
    expect(() => store.trust(trust('one-more'))).toThrow('A board trusts at most 4 keys.');
    store.trust({ ...trust('k0'), prefix: 'lab-' });
    expect(store.trusted().find(({ name }) => name === 'k0')?.prefix).toBe('lab-');
    store.distrust('k0');
    expect(store.trusted().map(({ name }) => name)).toEqual(['k1', 'k2', 'k3']);
    expect(() => store.distrust('k0')).toThrow('No key k0 is trusted here.');
  });

  it('rotates a key: same name, same trust, the old one aside', () => {
    const old = signingKey(store);
    const fresh = store.rotate('dev', 'dev-old');
    expect(fresh.publicKey).not.toEqual(old.publicKey);
    expect(store.load('dev-old').publicKey).toEqual(old.publicKey);
    expect(store.trusted()).toMatchObject([
      { name: 'dev', key: Buffer.from(fresh.publicKey).toString('hex'), rights: ['deploy', 'control'] },
    ]);
  });

  it('makes and trusts the default key on first use, and only then', () => {
    expect(signingKey(store).name).toBe('dev');
    expect(store.trusted()).toHaveLength(1);
    store.distrust('dev');
    signingKey(store);
    expect(store.trusted()).toEqual([]);
  });

  it('adds up rights', () => {
    expect(rightBits([])).toBe(0);
    expect(rightBits(['deploy', 'control'])).toBe(rightBits(['deploy']) | rightBits(['control']));
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, verifyEd25519 } from '@radon/bridge/crypto';
import { verifySign1 } from '@radon/bridge/image';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BuiltAtom } from '../build/index.ts';
import { openKeyStore } from '../keys/key-store.ts';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { nameFunction } from './function-names.ts';
import { checkSignOptions, signBuilt, signImage } from './sign-image.ts';

const wasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const built: BuiltAtom = {
  name: 'rain',
  version: '1.0',
  wasm,
  digest: sha256(wasm),
  configuration: {
    recovery: 'restart',
    kind: 'daemon',
    replyWithinMs: 5000,
    limits: {
      memory: 512,
      storage: 0,
      timers: 0,
      publish: 0,
      body: 16,
      inbox: { messages: 1, bytes: 64, waitMs: 1000 },
      stack: 512,
      deadlineMs: 50,
      pending: 1,
    },
  },
  need: { load: 100, run: 200, engine: '00000001' },
  functionNames: new Map([[7, 'atom/on_timer']]),
  warnings: [],
  imports: [],
  exports: [],
  sizes: { total: 8, code: 0, data: 0, staticMemory: 0, memory: 512 },
};

const now = 1_700_000_000;
let folder: string;
let workspace: Workspace;
beforeEach(() => {
  vi.useFakeTimers({ now: now * 1000, toFake: ['Date'] });
  folder = mkdtempSync(join(tmpdir(), 'radon-sign-'));
  workspace = openWorkspace(folder);
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe('signing an image', () => {
  it('gives one that verifies, in a file', () => {
    const image = signImage(workspace, built);
    const { publicKey } = openKeyStore(workspace).load('dev');
    expect(verifySign1(image.sign1, publicKey, sha256, verifyEd25519)).toBe(true);
    expect(new Uint8Array(readFileSync(image.file))).toEqual(image.bytes);
    expect(image.manifest).toMatchObject({ name: 'rain', sequence: now, board: 'any' });
  });

  it('keeps image and sequence number while nothing changes', () => {
    const first = signImage(workspace, built);
    vi.setSystemTime((now + 60) * 1000);
    expect(signImage(workspace, built)).toMatchObject({ unchanged: true, bytes: first.bytes });
  });

  it.each<[string, Partial<BuiltAtom>]>([
    ['version', { version: '1.1' }],
    ['need', { need: { load: 101, run: 200, engine: '00000001' } }],
    ['engine', { need: { load: 100, run: 200, engine: '00000002' } }],
    ['code', { wasm: Uint8Array.of(...wasm, 0), digest: sha256(Uint8Array.of(...wasm, 0)) }],
  ])(
    'gives a higher number to another %s, also within a second and when the clock went back',
    (_what, change) => {
      signImage(workspace, built);
      vi.setSystemTime((now - 3600) * 1000);
      const next = signImage(workspace, { ...built, ...change });
      expect(next).toMatchObject({ unchanged: false, manifest: { sequence: now + 1 } });
    },
  );

  it('signs again for another key', () => {
    signImage(workspace, built);
    openKeyStore(workspace).create('release');
    expect(signImage(workspace, built, { key: 'release' }).unchanged).toBe(false);
  });

  it('signs again above what a node holds already', () => {
    const atom = signBuilt(workspace, built);
    expect(atom.resign(now).manifest.sequence).toBe(now + 1);
    expect(atom.resign(now + 5000).manifest.sequence).toBe(now + 5001);
    expect(atom.resign(now).unchanged).toBe(true);
  });

  it('replaces a file that holds no image', () => {
    const { file } = signImage(workspace, built);
    writeFileSync(file, 'torn');
    expect(signImage(workspace, built).unchanged).toBe(false);
  });

  it('wants a key that is here and a board that is known', () => {
    expect(() => checkSignOptions(workspace, { key: 'release' })).toThrow('There is no key release.');
    expect(() => checkSignOptions(workspace, { board: 'toaster' })).toThrow('There is no board "toaster".');
    expect(() => checkSignOptions(workspace, { board: 'netduinoplus2' })).not.toThrow();
  });

  it('wants a measured atom', () => {
    const { need: _need, ...unmeasured } = built;
    expect(() => signImage(workspace, unmeasured)).toThrow('The RAM need of rain was not measured.');
  });
});

describe('names of functions', () => {
  const trap = 'UNREACHABLE in TIMER, function #7';

  it('are put beside their numbers for the image that runs', () => {
    const { manifest } = signImage(workspace, built);
    expect(nameFunction(trap, 'rain', manifest.sequence, workspace)).toBe(`${trap} (atom/on_timer)`);
  });

  it('are left out where they are not known', () => {
    const { sequence } = signImage(workspace, built).manifest;
    const unnamed = 'UNREACHABLE in TIMER, function #8';
    expect(nameFunction(unnamed, 'rain', sequence, workspace)).toBe(unnamed);
    expect(nameFunction(trap, 'rain', sequence - 1, workspace)).toBe(trap);
    expect(nameFunction(trap, 'drizzle', sequence, workspace)).toBe(trap);
    expect(nameFunction('DEADLINE in TIMER', 'rain', sequence, workspace)).toBe('DEADLINE in TIMER');
  });
});

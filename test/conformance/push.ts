import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSigner, publicKeyBytes, sha256 } from '@radon/bridge/crypto';
import { pushImage } from '@radon/bridge/device';
import { type Image, keyId, type Manifest, signManifest } from '@radon/bridge/image';
import { RadonError } from '@radon/bridge/problem';
import { abiVersion } from '@radon/bridge/tables';
import {
  type AtomFile,
  type BuiltAtom,
  buildAtom,
  openWorkspace,
  parseAtomFile,
  readAtomProject,
} from '@radon/toolchain';
import type { NodeUnderTest } from './nodes.ts';

const atoms = join(dirname(fileURLToPath(import.meta.url)), 'atoms');
const repository = openWorkspace(dirname(fileURLToPath(import.meta.url)));
const built = new Map<string, Promise<BuiltAtom>>();

/** Builds an atom of this suite once for all nodes. */
export function buildTestAtom(name: string): Promise<BuiltAtom> {
  const known = built.get(name);
  if (known !== undefined) return known;
  const fresh = buildAtom(readAtomProject(join(atoms, name)), { measure: repository });
  built.set(name, fresh);
  return fresh;
}

/** The atom.json of an atom of this suite with other values in it; objects are merged. */
function configure(name: string, changes: string): AtomFile {
  const file = join(atoms, name, 'atom.json');
  const merged = merge(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(changes));
  return parseAtomFile(JSON.stringify(merged), `${file} with ${changes}`);
}

function merge(value: unknown, changes: unknown): unknown {
  if (!isObject(value) || !isObject(changes)) return changes;
  const names = new Set([...Object.keys(value), ...Object.keys(changes)]);
  return Object.fromEntries(
    Array.from(names, (name) => [name, name in changes ? merge(value[name], changes[name]) : value[name]]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Modules no node may run, as bytes: header, then what is wrong. */
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
const section = (id: number, ...content: number[]) => [id, content.length, ...content];
const hostileModules: Record<string, readonly number[]> = {
  // (module (import "env" "abort" (func)))
  'foreign-import': [
    ...header,
    ...section(1, 1, 0x60, 0, 0),
    ...section(2, 1, ...text('env'), ...text('abort'), 0, 0),
  ],
  // (module (import "radon" "migrate" (func (result i32))))
  'unknown-import': [
    ...header,
    ...section(1, 1, 0x60, 0, 1, 0x7f),
    ...section(2, 1, ...text('radon'), ...text('migrate'), 0, 0),
  ],
  // (module (func (drop (memory.grow (i32.const 0)))) (memory 1))
  'memory-grow': [
    ...header,
    ...section(1, 1, 0x60, 0, 0),
    ...section(3, 1, 0),
    ...section(5, 1, 0, 1),
    ...section(10, 1, 7, 0, 0x41, 0, 0x40, 0, 0x1a, 0x0b),
  ],
  'cut-module': [...header, 1, 200],
};

interface Forgery {
  readonly manifest?: Partial<Manifest>;
  readonly code?: Uint8Array;
  readonly key?: KeyObject;
  /** Changes the signed file. */
  readonly spoil?: (file: Uint8Array) => void;
}

function forge(variant: string, atom: BuiltAtom): Forgery {
  const hostile = hostileModules[variant];
  if (hostile !== undefined) return { code: new Uint8Array(hostile) };
  switch (variant) {
    case '':
    case 'again':
      return {};
    case 'unsigned':
      return { spoil: (file) => file.set([(file[file.length - 1] ?? 0) ^ 1], file.length - 1) };
    case 'foreign-key':
      return { key: generateKeyPairSync('ed25519').privateKey };
    case 'old-sequence':
      return { manifest: { sequence: 1 } };
    case 'other-board':
      return { manifest: { board: 'nucleo' } };
    case 'other-interface':
      return { manifest: { abi: abiVersion + 1 } };
    case 'too-big': {
      const limits = {
        ...atom.configuration.limits,
        inbox: { messages: 4, bytes: 16_384, waitMs: 1000 },
        publish: 8192,
        body: 8192,
        pending: 8,
      };
      return { manifest: { configuration: { ...atom.configuration, limits } } };
    }
    default:
      throw new Error(`no variant ${variant}`);
  }
}

function makeImage(target: NodeUnderTest, atom: BuiltAtom, forgery: Forgery): Image {
  const code = forgery.code ?? atom.wasm;
  const digest = sha256(code);
  const manifest: Manifest = {
    name: atom.name,
    version: atom.version,
    sequence: target.nextSequence(),
    abi: abiVersion,
    board: 'any',
    configuration: atom.configuration,
    payloads: [
      {
        format: 'wasm',
        digest,
        size: code.length,
        need: atom.need ?? { load: 0, run: 0, engine: '00000000' },
      },
    ],
    ...forgery.manifest,
  };
  const key = forgery.key ?? target.signingKey;
  const kid = keyId(publicKeyBytes(key), sha256);
  const manifestFile = signManifest(manifest, kid, createSigner(key));
  forgery.spoil?.(manifestFile);
  return {
    manifestFile,
    manifest,
    code,
    sign1: { kid, payload: new Uint8Array(0), signature: new Uint8Array(64) },
  } as unknown as Image;
}

/**
 * Pushes an atom of this suite: `what` is empty, a variant that a node must refuse, or changes to its atom.json.
 * `running` with the bytes of code the node asked for where there are changes, or the name of the error.
 */
export async function pushAtom(target: NodeUnderTest, name: string, what: string): Promise<string> {
  const changes = what.startsWith('{') ? what : undefined;
  const built = await buildTestAtom(name);
  const atom = changes === undefined ? built : { ...built, ...configure(name, changes) };
  const image =
    what === 'again'
      ? target.lastImage(atom.name)
      : makeImage(target, atom, forge(changes === undefined ? what : '', atom));
  if (what === '') target.rememberImage(atom.name, image);
  try {
    const { sent } = await pushImage(target.node, image);
    return changes !== undefined && sent === 0 ? 'running, no code sent' : 'running';
  } catch (error) {
    if (error instanceof RadonError) return error.code;
    throw error;
  }
}

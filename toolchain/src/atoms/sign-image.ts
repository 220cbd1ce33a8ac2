import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSigner, sha256 } from '@radon/bridge/crypto';
import { sameBytes } from '@radon/bridge/fields';
import {
  decodeImage,
  encodeImage,
  encodeManifest,
  type Image,
  keyId,
  type Manifest,
  signManifest,
} from '@radon/bridge/image';
import { abiVersion } from '@radon/bridge/tables';
import { loadBoard } from '../boards.ts';
import type { BuiltAtom } from '../build/index.ts';
import { CommandFailure } from '../failure.ts';
import { openKeyStore, type SigningKey, signingKey } from '../keys/key-store.ts';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';
import { keepFunctionNames } from './function-names.ts';

/** A signed image and the file that holds it. */
export interface SignedImage extends Image {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** The image of the last time: nothing that is signed has changed since. */
  readonly unchanged: boolean;
}

export interface SignOptions {
  /** Name of a key held here; the default key otherwise. */
  readonly key?: string;
  /** Name of a board the image is for (default: any). */
  readonly board?: string;
  /** The sequence number must be above this one, which a node knows already. */
  readonly newerThan?: number;
}

/** Throws for a key that is not held here and for a kind of board nobody knows. */
export function checkSignOptions(workspace: Workspace, { key, board }: SignOptions): void {
  if (key !== undefined) openKeyStore(workspace).load(key);
  if (board !== undefined) loadBoard(workspace, board);
}

function imageFile(workspace: Workspace, name: string): string {
  return join(workspace.folder('build', name), `${name}.atom`);
}

function readImage(file: string): (Image & { bytes: Uint8Array }) | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const bytes = new Uint8Array(readFileSync(file));
    return { ...decodeImage(bytes, sha256), bytes };
  } catch {
    return undefined;
  }
}

/**
 * Seconds since 1970, and more than the last one: grows also when another machine signed in between, and never runs
 * backwards within a second.
 */
export function nextSequence(last: number): number {
  return Math.max(Math.floor(Date.now() / 1000), last + 1);
}

export function manifestOf(built: BuiltAtom, board: string, sequence: number): Manifest {
  if (built.need === undefined) throw new CommandFailure(`The RAM need of ${built.name} was not measured.`);
  const payload = {
    format: 'wasm',
    digest: built.digest,
    size: built.wasm.length,
    need: built.need,
  } as const;
  const { name, version, configuration } = built;
  return { name, version, sequence, abi: abiVersion, board, configuration, payloads: [payload] };
}

/** Whether two manifests differ in nothing but the sequence number. */
function sameButSequence(a: Manifest, b: Manifest): boolean {
  return sameBytes(encodeManifest({ ...a, sequence: 1 }), encodeManifest({ ...b, sequence: 1 }));
}

/**
 * Signs a built atom into `.radon/build/<name>/<name>.atom`. What did not change keeps its image and sequence number,
 * so that pushing it again sends nothing.
 */
export function signImage(workspace: Workspace, built: BuiltAtom, options: SignOptions = {}): SignedImage {
  const key: SigningKey = signingKey(openKeyStore(workspace), options.key);
  const kid = keyId(key.publicKey, sha256);
  const file = imageFile(workspace, built.name);
  const last = readImage(file);
  const { board = 'any', newerThan = 0 } = options;
  const lastSequence = last?.manifest.sequence ?? 0;
  const manifest = manifestOf(built, board, nextSequence(Math.max(lastSequence, newerThan)));
  const isSame =
    last !== undefined && sameBytes(last.sign1.kid, kid) && sameButSequence(last.manifest, manifest);
  if (isSame && lastSequence > newerThan) return { ...last, file, unchanged: true };
  const bytes = sealImage(manifest, built.wasm, key);
  keepFunctionNames(workspace, built.name, built.functionNames, manifest.sequence);
  replaceFile(file, bytes);
  return { ...decodeImage(bytes, sha256), bytes, file, unchanged: false };
}

/** The signed image of a manifest and its code. */
export function sealImage(manifest: Manifest, code: Uint8Array, key: SigningKey): Uint8Array {
  const kid = keyId(key.publicKey, sha256);
  return encodeImage(signManifest(manifest, kid, createSigner(key.privateKey)), code);
}

/** An image that can be signed again where a node wants a newer one. */
export interface Resignable<T extends Image = Image> {
  readonly image: T;
  /** The same with a sequence number above `newerThan`. */
  resign(newerThan: number): T;
}

export type SignedAtom = Resignable<SignedImage>;

export function signBuilt(workspace: Workspace, built: BuiltAtom, options: SignOptions = {}): SignedAtom {
  return {
    image: signImage(workspace, built, options),
    resign: (newerThan) => signImage(workspace, built, { ...options, newerThan }),
  };
}

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { sha256 } from '@radon/bridge/crypto';
import { toHex } from '@radon/bridge/fields';
import { decodeImage, encodeManifest, type Image, keyId, type Manifest } from '@radon/bridge/image';
import { findAtomFolder } from '../atoms/find.ts';
import { keepFunctionNames } from '../atoms/function-names.ts';
import { manifestOf, nextSequence, sealImage } from '../atoms/sign-image.ts';
import { type AtomFile, atomValue, readAtomValue } from '../build/atom-file.ts';
import { buildAtom, readAtomProject } from '../build/index.ts';
import type { CommandContext } from '../command-line.ts';
import { CommandFailure, unreadableFile } from '../failure.ts';
import type { SigningKey } from '../keys/key-store.ts';
import type { Workspace } from '../workspace.ts';
import { type App, type AppAtom, atomPath } from './app-file.ts';
import { mergeFields } from './merge-fields.ts';
import type { Placeable } from './placement.ts';

/** A member of `atoms`, built and ready to be signed. */
export interface Definition extends Placeable {
  /** SHA-256 of the code. */
  readonly digest: Uint8Array;
  /** Hash of all that is signed but the sequence number, and of who signs: the same content needs no new image. */
  readonly content: string;
  /** Of an image that is pushed as it was signed. */
  readonly signedSequence?: number;
  /** A signed image with a sequence number above `newerThan`; one that is pushed as it was signed keeps its own. */
  seal(newerThan: number): Image;
}

interface Setting {
  readonly app: App;
  /** The file of the application; paths start at its folder. */
  readonly file: string;
  readonly key: SigningKey;
  readonly context: Pick<CommandContext, 'workspace' | 'output' | 'signal'>;
}

/** Builds what an application's atoms are made of. Throws CommandFailure for the first that cannot be. */
export async function prepareAtoms(setting: Setting): Promise<readonly Definition[]> {
  const definitions: Definition[] = [];
  for (const [index, entry] of setting.app.atoms.entries()) {
    setting.context.output.progress(`building ${entry.atom}`);
    definitions.push(await prepare(setting, entry, index));
  }
  setting.context.output.progress();
  return definitions;
}

function prepare(setting: Setting, entry: AppAtom, index: number): Promise<Definition> | Definition {
  return entry.atom.endsWith('.atom')
    ? prepareImage(setting, entry, index)
    : prepareFolder(setting, entry, index);
}

async function prepareFolder(setting: Setting, entry: AppAtom, index: number): Promise<Definition> {
  const { context, key } = setting;
  const { workspace, output, signal } = context;
  const project = readAtomProject(findFolder(setting, entry, index));
  const text: unknown = JSON.parse(readFileSync(project.configurationFile, 'utf8'));
  const atom = configure(setting.app, text, entry, index);
  const built = await buildAtom({ ...project, ...atom }, { measure: workspace, signal });
  for (const { file, line, message } of built.warnings) output.note(`${file}:${line}: ${message}`);
  const manifest = manifestOf(built, 'any', 1);
  return signedHere(workspace, key, {
    index,
    manifest,
    code: built.wasm,
    functionNames: built.functionNames,
  });
}

function findFolder({ app, file, context }: Setting, { atom }: AppAtom, index: number): string {
  const isPath = atom.startsWith('.') || atom.includes('/');
  try {
    return findAtomFolder(context.workspace, isPath ? resolve(dirname(file), atom) : atom);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const message = `atoms[${index}].atom cannot be "${atom}": ${error.message} ${error.remedy}`;
    throw app.failure([{ path: atomPath(index, 'atom'), message: message.trim().replace(/\.$/, '') }]);
  }
}

function prepareImage(setting: Setting, entry: AppAtom, index: number): Definition {
  const { app, file, context, key } = setting;
  const image = readImage(resolve(dirname(file), entry.atom), entry.atom);
  if (entry.name === undefined && entry.configuration === undefined) return signedElsewhere(image, index);
  const { manifest, code } = image;
  checkFixedLimits(app, entry, index);
  const atom = configure(app, atomValue(manifest), entry, index);
  const changed = { ...manifest, ...atom, sequence: 1 };
  return signedHere(context.workspace, key, { index, manifest: changed, code, functionNames: new Map() });
}

function readImage(path: string, shown: string): Image {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw unreadableFile(shown, cause);
  }
  return decodeImage(bytes, sha256);
}

function checkFixedLimits(app: App, { configuration }: AppAtom, index: number): void {
  const limits = configuration?.limits as Record<string, unknown> | undefined;
  const fixed = ['memory', 'stack'].filter((field) => limits?.[field] !== undefined);
  if (fixed.length === 0) return;
  throw app.failure(
    fixed.map((field) => ({
      path: atomPath(index, 'configuration', 'limits', field),
      message: `atoms[${index}].configuration.limits.${field} is fixed when a module is built; leave it out`,
    })),
  );
}

/** The atom's own configuration with what the application says otherwise. */
function configure(app: App, own: unknown, entry: AppAtom, index: number): AtomFile {
  const { name, configuration = {} } = entry;
  const merged = readAtomValue(mergeFields(own, { ...configuration, ...(name && { name }) }));
  if (!Array.isArray(merged)) return merged;
  throw app.failure(
    merged.map(({ path, message }) => ({
      path: atomPath(index, 'configuration', ...path),
      message: `atoms[${index}].configuration: ${message}`,
    })),
  );
}

interface Unsigned {
  readonly index: number;
  /** Its sequence number is 1. */
  readonly manifest: Manifest;
  readonly code: Uint8Array;
  readonly functionNames: ReadonlyMap<number, string>;
}

function signedHere(workspace: Workspace, key: SigningKey, unsigned: Unsigned): Definition {
  const { index, manifest, code, functionNames } = unsigned;
  const { name, configuration, payloads } = manifest;
  const kid = keyId(key.publicKey, sha256);
  return {
    index,
    name,
    hosts: configuration.hosts ?? {},
    digest: payloads[0].digest,
    content: toHex(sha256(Buffer.concat([encodeManifest(manifest), kid]))),
    seal(newerThan) {
      const sequence = nextSequence(newerThan);
      keepFunctionNames(workspace, name, functionNames, sequence);
      return decodeImage(sealImage({ ...manifest, sequence }, code, key), sha256);
    },
  };
}

function signedElsewhere(image: Image, index: number): Definition {
  const { name, sequence, configuration, payloads } = image.manifest;
  return {
    index,
    name,
    hosts: configuration.hosts ?? {},
    digest: payloads[0].digest,
    content: toHex(sha256(image.manifestFile)),
    signedSequence: sequence,
    seal: () => image,
  };
}

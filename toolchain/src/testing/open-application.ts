import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openHostNode } from '@radon/bridge/atoms';
import { publicKeyBytes, sha256 } from '@radon/bridge/crypto';
import { pushImage } from '@radon/bridge/device';
import { decodeImage, keyRight } from '@radon/bridge/image';
import { findAtomFolder } from '../atoms/find.ts';
import { manifestOf, sealImage } from '../atoms/sign-image.ts';
import { type AtomFile, readAtomValue } from '../build/atom-file.ts';
import { type BuiltAtom, buildAtom, readAtomProject } from '../build/index.ts';
import { type AppAtom, atomPath, parseAppFile } from '../deploy/app-file.ts';
import { mergeFields } from '../deploy/merge-fields.ts';
import { openWorkspace } from '../workspace.ts';
import { TestApplication } from './test-application.ts';

/** The host takes any engine's figures; only its budget looks at them. */
const unmeasured = { load: 0, run: 0, engine: '00000000' };
const nodeId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** A process builds each application once: sources do not change under a running test. */
const builds = new Map<string, Promise<readonly BuiltAtom[]>>();

/**
 * Runs all atoms of an application (the path of its `app.json`, or `import.meta.url` of a file beside it) together on a
 * host node of their own, in real time; throws when one does not start. Where atoms are deployed to (`on`) does not
 * matter here.
 */
export async function openApplication(place: string | URL): Promise<TestApplication> {
  const file = fileOf(String(place));
  const building = builds.get(file) ?? buildAll(file);
  builds.set(file, building);
  const atoms = await building;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = { name: 'test', privateKey, publicKey: publicKeyBytes(publicKey) };
  const trusted = { key: key.publicKey, prefix: '', rights: keyRight.deploy | keyRight.control };
  const dataFolder = mkdtempSync(join(tmpdir(), 'radon-application-'));
  const node = await openHostNode({ name: 'test', id: nodeId, keys: [trusted], dataFolder });
  const application = new TestApplication(node, dataFolder);
  try {
    for (const atom of atoms)
      await pushImage(node, decodeImage(sealImage(manifestOf(atom, 'any', 1), atom.wasm, key), sha256));
  } catch (error) {
    await application.close();
    throw error;
  }
  return application;
}

function fileOf(place: string): string {
  return place.startsWith('file:') ? fileURLToPath(new URL('app.json', place)) : resolve(place);
}

function buildAll(file: string): Promise<readonly BuiltAtom[]> {
  const app = parseAppFile(readFileSync(file, 'utf8'), file);
  return Promise.all(app.atoms.map((entry, index) => build(file, app.failure, entry, index)));
}

/** As `radon deploy` finds it: a path from where the file is, or the name of an atom of the project or an example. */
function findFolder(file: string, atom: string): string {
  const isPath = atom.startsWith('.') || atom.includes('/');
  return isPath ? resolve(dirname(file), atom) : findAtomFolder(openWorkspace(dirname(file)), atom);
}

/** Builds a member of `atoms` with what the application says otherwise. */
async function build(
  file: string,
  failure: ReturnType<typeof parseAppFile>['failure'],
  { atom, name, configuration = {} }: AppAtom,
  index: number,
): Promise<BuiltAtom> {
  const project = readAtomProject(findFolder(file, atom));
  const own: unknown = JSON.parse(readFileSync(project.configurationFile, 'utf8'));
  const merged = readAtomValue(mergeFields(own, { ...configuration, ...(name && { name }) }));
  if (Array.isArray(merged)) {
    throw failure(
      merged.map(({ path, message }) => ({ path: atomPath(index, 'configuration', ...path), message })),
    );
  }
  const cache = openWorkspace(dirname(file));
  return { ...(await buildAtom({ ...project, ...(merged as AtomFile) }, { cache })), need: unmeasured };
}

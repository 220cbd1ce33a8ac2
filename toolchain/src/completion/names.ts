/** Names of what there is, for the placeholders of arguments and options. */
import { existsSync } from 'node:fs';
import { knownAtoms } from '../atoms/find.ts';
import { listBoards } from '../boards.ts';
import type { CommandContext } from '../command-line.ts';
import { listEmulatedBoards } from '../emulator/state.ts';

interface Names {
  readonly names: readonly string[];
  readonly files: boolean;
}

type Source = (context: CommandContext) => readonly string[] | Promise<readonly string[]>;

const boards: Source = ({ workspace }) => listEmulatedBoards(workspace).map(({ board }) => board.name);

const atoms: Source = ({ workspace }) => knownAtoms(workspace);

/** Nodes of the bridge that runs, and boards that could be some. */
const nodes: Source = async (context) => {
  const { nodesOfBridge } = await import('./bridge-names.ts');
  return [...(await nodesOfBridge(context)), ...(await boards(context))];
};

/** Atoms that a bridge knows to be on nodes; without one, those that could be. */
const runningAtoms: Source = async (context) => {
  const { atomsOfBridge } = await import('./bridge-names.ts');
  return (await atomsOfBridge(context)) ?? atoms(context);
};

const resources: Source = async (context) => (await runningAtoms(context)).map((name) => `${name}/`);

const nodeUris: Source = async (context) => {
  const { urisOfBridge } = await import('./bridge-names.ts');
  return urisOfBridge(context);
};

/** Keys are looked for only where some are: looking makes the folder. */
const keys: Source = async ({ workspace }) => {
  if (!existsSync(workspace.radon)) return [];
  const { openKeyStore } = await import('../keys/key-store.ts');
  const store = openKeyStore(workspace);
  return [...store.list(), ...store.trusted().map(({ name }) => name)];
};

const tokens: Source = async ({ workspace }) => {
  const { openTokenStore } = await import('@radon/bridge/access');
  return openTokenStore(workspace.radon)
    .list()
    .map(({ name }) => name);
};

const formats: Source = async () => {
  const [{ formatName }, { contentFormat }] = await Promise.all([
    import('@radon/bridge/fields'),
    import('@radon/bridge/tables'),
  ]);
  return Object.values(contentFormat).map(formatName);
};

const kinds: Source = ({ workspace }) => listBoards(workspace).map(({ name }) => name);

/** By placeholder; `stop atom` is that of the command `stop` alone. */
const sources: Readonly<Record<string, Source>> = {
  atom: atoms,
  source: atoms,
  'stop atom': runningAtoms,
  'start atom': runningAtoms,
  'restart atom': runningAtoms,
  'rm atom': runningAtoms,
  to: runningAtoms,
  resource: resources,
  board: boards,
  boards,
  kind: kinds,
  node: nodes,
  nodes,
  uri: nodeUris,
  key: keys,
  token: tokens,
  format: formats,
};

/** A shell puts a name into the line as it is: what it would take for more than a name is not offered. */
const plain = /^[\w@%+:,./~][\w@%+=:,./~-]*$/;

/** Where a path may stand. */
const paths = ['file', 'folder', 'atom', 'source'];

export async function namesFor(
  placeholder: string,
  command: string,
  context: CommandContext,
): Promise<Names> {
  const own = sources[`${command} ${placeholder}`];
  const source = own ?? sources[placeholder];
  const names = source === undefined ? [] : (await source(context)).filter((name) => plain.test(name));
  return { names: [...new Set(names)].sort(), files: own === undefined && paths.includes(placeholder) };
}

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';

/** What was put on a node: a manifest, told by its number there, and what it says (a hash without the number). */
export interface Deposit {
  readonly sequence: number;
  readonly content: string;
}

/** Deposits by atom, by node. Several of one atom: a push that did not end may have replaced the one before or not. */
type Deposits = Map<string, Map<string, readonly Deposit[]>>;

/** Deposits of one atom that are remembered. */
const mostDeposits = 4;

/** What an application has put where, in `.radon/apps/<name>.json`; each change is in the file when its call returns. */
export interface AppRecord {
  nodes(): readonly string[];
  /** Deposits on a node by atom. */
  on(node: string): ReadonlyMap<string, readonly Deposit[]>;
  /** Before a push: the node will have this, or still what it had. */
  intend(node: string, atom: string, deposit: Deposit): void;
  /** After it: the node has this. */
  settle(node: string, atom: string, deposit: Deposit): void;
  forget(node: string, atom: string): void;
  /** The node is gone for good. */
  forgetNode(node: string): void;
  /** The other application that put this manifest of the atom there. */
  otherOwner(node: string, atom: string, sequence: number): string | undefined;
}

const suffix = '.json';

/** Maps, not objects: an atom may be called `constructor`. */
function readDeposits(file: string): Deposits {
  if (!existsSync(file)) return new Map();
  const nodes = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, readonly Deposit[]>>;
  return new Map(Object.entries(nodes).map(([node, atoms]) => [node, new Map(Object.entries(atoms))]));
}

function writeDeposits(file: string, deposits: Deposits): void {
  const nodes = [...deposits].filter(([, atoms]) => atoms.size > 0);
  if (nodes.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  const value = Object.fromEntries(nodes.map(([node, atoms]) => [node, Object.fromEntries(atoms)]));
  replaceFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

export function openAppRecord(workspace: Workspace, app: string): AppRecord {
  const folder = workspace.folder('apps');
  const file = join(folder, `${app}${suffix}`);
  const deposits = readDeposits(file);
  const others = readdirSync(folder)
    .filter((name) => name.endsWith(suffix) && name !== `${app}${suffix}`)
    .map((name) => ({ app: name.slice(0, -suffix.length), deposits: readDeposits(join(folder, name)) }));
  const atomsOf = (node: string) => {
    const atoms = deposits.get(node) ?? new Map<string, readonly Deposit[]>();
    deposits.set(node, atoms);
    return atoms;
  };
  const keep = (node: string, atom: string, kept: readonly Deposit[]) => {
    atomsOf(node).set(atom, kept);
    writeDeposits(file, deposits);
  };
  return {
    nodes: () => [...deposits.keys()],
    on: atomsOf,
    intend: (node, atom, deposit) =>
      keep(node, atom, [...(atomsOf(node).get(atom) ?? []), deposit].slice(-mostDeposits)),
    settle: (node, atom, deposit) => keep(node, atom, [deposit]),
    forget(node, atom) {
      if (atomsOf(node).delete(atom)) writeDeposits(file, deposits);
    },
    forgetNode(node) {
      if (deposits.delete(node)) writeDeposits(file, deposits);
    },
    otherOwner: (node, atom, sequence) =>
      others.find(({ deposits: theirs }) =>
        theirs
          .get(node)
          ?.get(atom)
          ?.some((one) => one.sequence === sequence),
      )?.app,
  };
}

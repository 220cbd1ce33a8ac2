import type { AtomState } from '../nodes/state.ts';
import type { AppRecord, Deposit } from './record.ts';

/** What is to be done with an atom on a node. `refuse`: it belongs to another application; `forget`: it is not ours any more. */
export type StepKind = 'push' | 'reconfigure' | 'start' | 'unchanged' | 'remove' | 'refuse' | 'forget';

/** What planning looks at of an atom an application wants on a node. */
export interface Wanted {
  readonly name: string;
  readonly digest: Uint8Array;
  readonly content: string;
  readonly signedSequence?: number;
}

export interface Step<T extends Wanted = Wanted> {
  readonly kind: StepKind;
  readonly atom: string;
  /** Why, for people; empty for what is unchanged. */
  readonly reason: string;
  /** Left out for what is not wanted any more. */
  readonly wanted?: T;
  /** Number of the manifest the node has; 0 where it has none. */
  readonly held: number;
}

/** A node as it is. */
export interface NodeView {
  readonly name: string;
  readonly atoms: readonly AtomState[];
  /** Whether the node holds all of a code. */
  hasCode(digest: Uint8Array): Promise<boolean>;
}

/** What brings a node to what is wanted: removals first, they make room; the rest in the order wanted. */
export async function planNode<T extends Wanted>(
  node: NodeView,
  wanted: readonly T[],
  record: Pick<AppRecord, 'on' | 'otherOwner'>,
): Promise<readonly Step<T>[]> {
  const deposits = record.on(node.name);
  const steps = [...deposits.keys()]
    .filter((atom) => !wanted.some(({ name }) => name === atom))
    .map((atom): Step<T> => planRemoval(node, atom, deposits.get(atom) ?? [], record));
  for (const atom of wanted) steps.push(await planAtom(node, atom, deposits.get(atom.name) ?? [], record));
  return steps;
}

function planRemoval(
  node: NodeView,
  atom: string,
  deposits: readonly Deposit[],
  record: Pick<AppRecord, 'otherOwner'>,
): Step<never> {
  const state = node.atoms.find(({ name }) => name === atom);
  if (state === undefined) return { kind: 'forget', atom, reason: 'it is gone already', held: 0 };
  const { sequence: held } = state;
  const isOurs = deposits.some(({ sequence }) => sequence === held);
  if (!isOurs) return { kind: 'forget', atom, reason: 'somebody replaced it since', held };
  const other = record.otherOwner(node.name, atom, held);
  if (other !== undefined) return { kind: 'forget', atom, reason: `${other} uses it too`, held };
  return { kind: 'remove', atom, reason: 'left the file', held };
}

async function planAtom<T extends Wanted>(
  node: NodeView,
  wanted: T,
  deposits: readonly Deposit[],
  record: Pick<AppRecord, 'otherOwner'>,
): Promise<Step<T>> {
  const state = node.atoms.find(({ name }) => name === wanted.name);
  const step = (kind: StepKind, reason: string): Step<T> => ({
    kind,
    atom: wanted.name,
    reason,
    wanted,
    held: state?.sequence ?? 0,
  });
  if (state === undefined) return step('push', 'new');
  if (isSame(state, wanted, deposits)) return step(...planSame(state));
  const owner = record.otherOwner(node.name, wanted.name, state.sequence);
  if (owner !== undefined) return step('refuse', `it belongs to the application ${owner}`);
  const isKnown = deposits.some(({ sequence }) => sequence === state.sequence);
  if (!(await node.hasCode(wanted.digest))) return step('push', isKnown ? 'new code' : 'other code is there');
  return step('reconfigure', isKnown ? 'new configuration' : 'somebody else put it there');
}

/** Whether the node has what is wanted: told by the number of the manifest, and what was signed under that number. */
function isSame({ sequence }: AtomState, wanted: Wanted, deposits: readonly Deposit[]): boolean {
  if (wanted.signedSequence === sequence) return true;
  return deposits.some((deposit) => deposit.sequence === sequence && deposit.content === wanted.content);
}

function planSame({ phase, instances = [] }: AtomState): [StepKind, string] {
  if (phase === 'WAITING') return ['push', 'not all of it arrived'];
  if (phase === 'STOPPED') return ['start', 'it was stopped'];
  // With an instance to come, the atom restarts by itself.
  if (phase === 'ERROR' && instances.length === 0) return ['start', 'it failed'];
  return ['unchanged', ''];
}

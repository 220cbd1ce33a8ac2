import type { NodeState } from '@radon/bridge/registry';
import { withDeadline } from '../deadline.ts';
import type { NodeSession } from './open.ts';
import { type AtomState, type NodeFigures, readAtoms, readNode } from './state.ts';

/** One look at a node: its figures and atoms, or only its link where it does not answer. */
export interface NodeSnapshot {
  readonly node: string;
  readonly link: NodeState['link'];
  readonly figures?: NodeFigures;
  readonly atoms: readonly AtomState[];
}

/** A node that takes longer is shown without figures. */
const patienceMs = 2_000;

/** The named nodes, or all; one that does not answer holds up nobody for long. */
export async function takeSnapshot(
  session: NodeSession,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly NodeSnapshot[]> {
  const states = await session.list();
  const wanted = names.length === 0 ? states : states.filter(({ name }) => names.includes(name));
  return Promise.all(wanted.map((state) => lookAt(session, state, signal)));
}

async function lookAt(
  session: NodeSession,
  { name, link }: NodeState,
  signal: AbortSignal,
): Promise<NodeSnapshot> {
  const silent: NodeSnapshot = { node: name, link: 'lost', atoms: [] };
  if (link === 'lost') return silent;
  try {
    return await withDeadline(patienceMs, signal, async (deadline) => {
      const node = await session.node(name);
      const [figures, atoms] = await Promise.all([readNode(node, deadline), readAtoms(node, deadline)]);
      return { node: name, link, figures, atoms };
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return silent;
  }
}

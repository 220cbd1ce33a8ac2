import type { Destination } from '@radon/bridge/message';
import type { NodePort } from '@radon/bridge/registry';
import type { CommandContext } from '../command-line.ts';
import { CommandFailure } from '../failure.ts';
import { type NodeSession, reachableNodes } from './open.ts';
import { readDocument } from './state.ts';

interface Names {
  readonly names: readonly string[];
  readonly aliases: readonly string[];
}

/**
 * The nodes a message goes to, as docs/reference/wire.md#messages says of the bridge: the first that has an atom of the
 * name, else all with members of the alias. For commands that talk to boards without one.
 */
export async function messageTargets(
  session: NodeSession,
  { node, name }: Destination,
  context: CommandContext,
): Promise<readonly NodePort[]> {
  if (node !== undefined) return [await session.node(node)];
  const nodes = [...(await reachableNodes(session, [], context))].sort((a, b) => (a.name < b.name ? -1 : 1));
  const listed = await Promise.all(
    nodes.map(async (one) => (await readDocument(one, ['names'], context.signal)) as Names),
  );
  const atom = name.replace(/~.*$/, '');
  const holder = nodes.find((_, index) => listed[index]?.names.includes(atom));
  if (holder !== undefined) return [holder];
  const members = nodes.filter((_, index) => listed[index]?.aliases.includes(name));
  if (members.length > 0) return members;
  throw new CommandFailure(`Nothing is called ${name}.`, { remedy: 'radon ps lists the atoms.' });
}

import type { NodeState } from '@radon/bridge/registry';
import type { FieldProblem } from '../build/json-file.ts';
import { type App, atomPath, type TagRule } from './app-file.ts';

/** What placement looks at: a member of `atoms`, prepared. */
export interface Placeable {
  /** Its place in the file. */
  readonly index: number;
  readonly name: string;
  /** Of the atom's own configuration. */
  readonly hosts: TagRule;
}

/** The same application, whose nodes also have the tags that the bridge gives them. */
export function withTags(app: App, states: readonly Pick<NodeState, 'name' | 'tags'>[]): App {
  const given = new Map(states.map(({ name, tags = [] }) => [name, tags]));
  const nodes = [...app.nodes].map(
    ([name, tags]) => [name, [...new Set([...tags, ...(given.get(name) ?? [])])]] as const,
  );
  return { ...app, nodes: new Map(nodes) };
}

/**
 * The atoms of each node, in the order of the file. An atom without a node, one whose own configuration does not want
 * the node it is put on, and two of one name on a node are problems of the file.
 */
export function placeAtoms<T extends Placeable>(
  app: App,
  atoms: readonly T[],
): { readonly placed: ReadonlyMap<string, readonly T[]>; readonly problems: readonly FieldProblem[] } {
  const placed = new Map<string, T[]>([...app.nodes.keys()].map((node) => [node, []]));
  const problems: FieldProblem[] = [];
  for (const atom of atoms) {
    const choice = chooseNodes(app, atom);
    if (typeof choice === 'string') {
      problems.push({ path: atomPath(atom.index, 'on'), message: choice });
      continue;
    }
    for (const node of choice) {
      const others = placed.get(node) ?? [];
      if (others.some(({ name }) => name === atom.name))
        problems.push({ path: atomPath(atom.index), message: `${atom.name} is twice on ${node}` });
      others.push(atom);
    }
  }
  return { placed, problems };
}

/** The nodes of an atom, or why there is none. */
function chooseNodes({ nodes, atoms }: App, { index, name, hosts }: Placeable): string[] | string {
  const { on = {} } = atoms[index] ?? {};
  if (typeof on === 'string') {
    const tags = nodes.get(on);
    if (tags === undefined)
      return `atoms[${index}].on cannot be "${on}"; allowed: ${[...nodes.keys()].join(', ')}`;
    const reason = objection(tags, hosts);
    return reason === undefined ? [on] : `${name} cannot be on ${on}: its own hosts ${reason}`;
  }
  const found = [...nodes].filter(
    ([, tags]) => objection(tags, on) === undefined && objection(tags, hosts) === undefined,
  );
  if (found.length > 0) return found.map(([node]) => node);
  const known = [...new Set([...nodes.values()].flat())].join(', ');
  return `no node has the tags ${name} asks for; tags of the nodes: ${known || 'none'}`;
}

/** Why a node with these tags does not do; undefined when it does. */
function objection(tags: readonly string[], { require = [], avoid = [] }: TagRule): string | undefined {
  const missing = require.find((tag) => !tags.includes(tag));
  if (missing !== undefined) return `require the tag ${missing}`;
  const unwanted = avoid.find((tag) => tags.includes(tag));
  return unwanted === undefined ? undefined : `avoid the tag ${unwanted}`;
}

/** The nodes a bridge knows, the resources they tell of, and who observes them. */

import { type CoreLink, parseLinks } from '../coap/link-format.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import { contentFormat, method } from '../tables/index.ts';
import type { NodePort, NodeState } from './node.ts';
import { createObservationHub, type ObservationHub } from './observation-hub.ts';
import { hasTags, type NodeTags } from './tags.ts';

export interface RegistryOptions {
  /** Puts another NodePort, such as a cache, between a node and everybody who asks it; `close` of it closes the node. */
  readonly inFront?: (node: NodePort, observations: ObservationHub) => NodePort;
  /** Tags of nodes, also of those that are not there yet (default: none). */
  readonly tags?: NodeTags;
}

export interface Registry {
  /** Takes a node over; `close` closes it. A second node of the same name is RadonError BAD_REQUEST. */
  add(node: NodePort): void;
  /** Closes a node and forgets it, its observers hear 5.04; nothing happens for a name that is not there. */
  remove(name: string): Promise<void>;
  get(name: string): NodePort | undefined;
  /** By name; those that have all these tags. */
  list(tags?: readonly string[]): readonly NodePort[];
  /** What the node says of itself, and its tags. */
  stateOf(node: NodePort): NodeState;
  /** What the node's `/.well-known/core` says; what it said last while it does not answer. */
  links(node: NodePort, signal?: AbortSignal): Promise<readonly CoreLink[]>;
  /** Calls `changed` when a node comes or goes, or its state changes as `NodePort.watch` says; the result stops that. */
  watch(changed: () => void): () => void;
  readonly observations: ObservationHub;
  /** Closes every node. Idempotent. */
  close(): Promise<void>;
}

interface Entry {
  readonly node: NodePort;
  readonly stopWatching: () => void;
  links: readonly CoreLink[];
}

const noPayload = new Uint8Array(0);
const core = { method: method.GET, path: ['.well-known', 'core'], query: [], payload: noPayload };

export function createRegistry({
  inFront = (node) => node,
  tags: tagsByName = new Map(),
}: RegistryOptions = {}): Registry {
  const entries = new Map<string, Entry>();
  const watchers = new Set<() => void>();
  const observations = createObservationHub();
  const tellWatchers = () => {
    for (const changed of [...watchers]) changed();
  };

  function add(added: NodePort): void {
    if (entries.has(added.name))
      throw new RadonError('BAD_REQUEST', { detail: `two nodes are named ${added.name}` });
    const node = inFront(added, observations);
    entries.set(node.name, { node, stopWatching: node.watch(tellWatchers), links: [] });
    tellWatchers();
  }

  async function remove(name: string): Promise<void> {
    const entry = entries.get(name);
    if (entry === undefined) return;
    entries.delete(name);
    entry.stopWatching();
    tellWatchers();
    observations.end(entry.node, problemReply(new RadonError('NODE_UNREACHABLE', { name })));
    await entry.node.close();
  }

  return {
    add,
    remove,
    get: (name) => entries.get(name)?.node,
    list: (tags = []) =>
      [...entries.values()]
        .map(({ node }) => node)
        .filter(({ name }) => hasTags(tagsByName.get(name), tags))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    stateOf(node) {
      const tags = tagsByName.get(node.name);
      return { ...node.state(), ...(tags !== undefined && { tags }) };
    },
    async links(node, signal) {
      const entry = entries.get(node.name);
      const links = await readLinks(node, signal);
      if (entry === undefined) return links ?? [];
      entry.links = links ?? entry.links;
      return entry.links;
    },
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    observations,
    async close() {
      observations.close();
      await Promise.all([...entries.keys()].map(remove));
      watchers.clear();
    },
  };
}

/** Undefined when the node does not answer or answers something else. */
async function readLinks(node: NodePort, signal?: AbortSignal): Promise<readonly CoreLink[] | undefined> {
  if (node.state().link === 'lost') return undefined;
  try {
    const response = await node.request(core, signal);
    const isLinks = response.code >> 5 === 2 && response.contentFormat === contentFormat.LINK_FORMAT;
    return isLinks ? parseLinks(new TextDecoder().decode(response.payload)) : undefined;
  } catch {
    return undefined;
  }
}

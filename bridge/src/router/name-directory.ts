/** Which node has which names: what every node of a registry tells at `/names`. */
import { code } from '../coap/codes.ts';
import { decodeFields, type FieldValue } from '../fields/index.ts';
import { atomOf, isName } from '../message/index.ts';
import type { NodePort, NodeResponse, Observation } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { contentFormat, method } from '../tables/index.ts';

export interface Whereabouts {
  /** One node with an atom of the name, or every node with members of the alias, by name; empty where nobody lists it. */
  readonly nodes: readonly NodePort[];
  /** A node that has not told its names yet, and so may have this one. */
  readonly unheard: string | undefined;
}

export interface NameDirectory {
  /** Where a message to `name`, which may be that of an instance, goes; never to its sender's node. */
  find(name: string, sender?: string): Whereabouts;
  close(): void;
}

interface Entry {
  readonly node: NodePort;
  names: ReadonlySet<string>;
  aliases: ReadonlySet<string>;
  isHeard: boolean;
  observation: Observation | undefined;
  retry: NodeJS.Timeout | undefined;
}

const serverErrorClass = 5;
/** Milliseconds until a node that could not be observed is asked again. */
const retryMs = 5_000;
const nothing: ReadonlySet<string> = new Set();

export function createNameDirectory(registry: Registry): NameDirectory {
  const entries = new Map<string, Entry>();

  function observe(entry: Entry): void {
    clearTimeout(entry.retry);
    const request = { method: method.GET, path: ['names'], query: [], payload: new Uint8Array(0) };
    entry.observation = registry.observations.observe(
      entry.node,
      { ...request, accept: contentFormat.CBOR },
      {
        next: (response) => hear(entry, response),
        lost() {},
        back() {},
        end: (response) => end(entry, response),
      },
    );
  }

  /** A node without names is no Radon node; one that is in trouble, or has no place for an observer, is asked again. */
  function end(entry: Entry, response: NodeResponse): void {
    entry.observation = undefined;
    const isInTrouble = response.code >> 5 >= serverErrorClass;
    if (!isInTrouble) hear(entry, response);
    if (!isInTrouble && response.code !== code.content) return;
    entry.retry = setTimeout(() => observe(entry), retryMs);
    entry.retry.unref();
  }

  function forget(entry: Entry): void {
    clearTimeout(entry.retry);
    entry.observation?.close();
    entries.delete(entry.node.name);
  }

  function follow(): void {
    for (const entry of entries.values()) {
      if (registry.get(entry.node.name) !== entry.node) forget(entry);
    }
    for (const node of registry.list().filter(hasNames)) {
      const known = entries.get(node.name);
      const entry = known ?? createEntry(node);
      entries.set(node.name, entry);
      if (entry.observation === undefined && (known === undefined || node.state().link === 'up'))
        observe(entry);
    }
  }

  const stopWatching = registry.watch(follow);
  follow();
  return {
    find(name, sender) {
      const others = registry.list().flatMap((node) => {
        const entry = node.name === sender ? undefined : entries.get(node.name);
        return entry === undefined ? [] : [entry];
      });
      const atom = atomOf(name);
      const owner = others.find(({ names }) => names.has(atom));
      const found = owner === undefined ? others.filter(({ aliases }) => aliases.has(name)) : [owner];
      return {
        nodes: found.map(({ node }) => node),
        unheard: others.find(({ isHeard }) => !isHeard)?.node.name,
      };
    },
    close() {
      stopWatching();
      for (const entry of [...entries.values()]) forget(entry);
    },
  };
}

/** A server of other make has no atoms, and nobody waits for its names. */
function hasNames(node: NodePort): boolean {
  return node.state().kind !== 'foreign';
}

function createEntry(node: NodePort): Entry {
  return { node, names: nothing, aliases: nothing, isHeard: false, observation: undefined, retry: undefined };
}

function hear(entry: Entry, response: NodeResponse): void {
  const document = documentOf(response);
  entry.names = namesOf(document, 'names');
  entry.aliases = namesOf(document, 'aliases');
  entry.isHeard = true;
}

/** Null for anything that is no document: such a node has no names. */
function documentOf({ code: answer, contentFormat: format, payload }: NodeResponse): FieldValue {
  if (answer !== code.content || format !== contentFormat.CBOR) return null;
  try {
    return decodeFields(payload);
  } catch {
    return null;
  }
}

function namesOf(document: FieldValue, member: 'names' | 'aliases'): ReadonlySet<string> {
  if (document === null || typeof document !== 'object') return nothing;
  const list: unknown = Reflect.get(document, member);
  return Array.isArray(list)
    ? new Set(list.filter((name) => typeof name === 'string' && isName(name)))
    : nothing;
}

import type { Configuration } from '../image/index.ts';
import type { Snapshot, SnapshotCounters, SnapshotLimits } from '../snapshot/index.ts';
import type { ModuleInfo } from '../wasm/index.ts';
import { stateSize, stateTypes } from './activation/guest-globals.ts';
import type { HostAtom } from './host-atom.ts';
import type { Capture } from './messages.ts';
import type { AtomState } from './shared-state.ts';

const counterNames = [
  'done',
  'dropped',
  'restarts',
  'activations',
  'sent',
  'undelivered',
  'refused',
] as const satisfies readonly (keyof SnapshotCounters)[];

/** The document of a frozen atom: what its instance is, and what the network level holds for it. */
export function snapshotOf(atom: HostAtom, digest: Uint8Array, { state, frozenAt }: Capture): Snapshot {
  const counters = Object.fromEntries(counterNames.map((name) => [name, atom.state.get(name)]));
  return {
    ...state,
    name: atom.name,
    version: 1,
    digest,
    counters: counters as unknown as SnapshotCounters,
    publications: atom.resources.published(frozenAt),
  };
}

export function restoreCounters(state: AtomState, counters: SnapshotCounters): void {
  for (const name of counterNames) state.set(name, counters[name]);
}

/** Whether a document was taken of this very instance and moment. */
export function isTakenOf({ state }: Capture, document: Snapshot): boolean {
  const { actor, incarnation, nextEvent } = document;
  return state.actor === actor && state.incarnation === incarnation && state.nextEvent === nextEvent;
}

/** What an atom with this configuration and code has room for. */
export function snapshotLimits(
  name: string,
  digest: Uint8Array,
  { limits, io = [], resources = [] }: Configuration,
  module: ModuleInfo & { readonly heapBase: number },
): SnapshotLimits {
  return {
    name,
    digest,
    memory: module.heapBase,
    globals: stateTypes(module).map(stateSize),
    storage: limits.storage,
    timers: limits.timers,
    pending: limits.pending,
    body: limits.body,
    publish: limits.publish,
    io: io.length,
    inbox: limits.inbox,
    paths: resources.map(({ path }) => path),
  };
}

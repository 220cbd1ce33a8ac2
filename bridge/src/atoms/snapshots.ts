import type { Configuration } from '../image/index.ts';
import { RadonError } from '../problem/index.ts';
import {
  decodeSnapshot,
  type Snapshot,
  type SnapshotCounters,
  type SnapshotLimits,
} from '../snapshot/index.ts';
import { type CheckedModule, checkModule } from '../wasm/index.ts';
import { stateSize, stateTypes } from './activation/guest-globals.ts';
import type { HostAtom } from './host-atom.ts';
import type { AtomStart, Capture } from './messages.ts';
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

/** Reads a snapshot for an atom; RadonError BAD_SNAPSHOT for one that it cannot take. `isAtom`: of this node. */
export function openSnapshot(
  bytes: Uint8Array,
  { name, code, configuration }: AtomStart,
  digest: Uint8Array,
  isAtom: (name: string) => boolean,
): Snapshot {
  const { policy = 'one', limits } = configuration;
  if (policy !== 'one') throw new RadonError('BAD_SNAPSHOT', { detail: 'the atom has several instances' });
  const check = checkModule(code, limits.memory);
  if (!check.ok) throw new RadonError(check.problem.error, { detail: check.problem.detail });
  const snapshot = decodeSnapshot(bytes, snapshotLimits(name, digest, configuration, check.module));
  const taken = snapshot.aliases.findIndex(isAtom);
  if (taken < 0) return snapshot;
  throw new RadonError('BAD_SNAPSHOT', { detail: `aliases[${taken}] is an atom of this node` });
}

/** What an atom with this configuration and code has room for. */
function snapshotLimits(
  name: string,
  digest: Uint8Array,
  { limits, io = [], resources = [] }: Configuration,
  module: CheckedModule,
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

/** The documents a node shows: docs/reference/wire.md#resources-of-a-node. */

import { sha256 } from '../crypto/index.ts';
import type { FieldValue } from '../fields/index.ts';
import { toHex } from '../fields/index.ts';
import { blockBytes, keyId, type TrustedKey } from '../image/index.ts';
import { abiVersion } from '../tables/index.ts';
import type { ActivationControl } from './activation-control.ts';
import { type Admission, boardName } from './admission.ts';
import { type HostAtom, manifestIn } from './host-atom.ts';
import type { HostBudget } from './options.ts';
import { instancesPerAtom, phaseName } from './shared-state.ts';
import type { StoredVersions } from './stored-versions.ts';

export interface NodeFacts {
  readonly id: Uint8Array;
  readonly name: string;
  readonly budget: HostBudget;
  readonly keys: readonly TrustedKey[];
  readonly admission: Admission;
  readonly versions: StoredVersions;
  readonly control: ActivationControl;
  /** Why the node started. */
  reset(): 'power' | 'escalate';
  /** Milliseconds since the node started. */
  now(): number;
  /** Name of the bridge that it belongs to. */
  owner(): string | undefined;
}

/** Version of the program that plays the firmware's part. */
const firmwareVersion = '0.1.0';

export function nodeDocument({
  id,
  name,
  budget,
  keys,
  admission,
  control,
  reset,
  now,
  owner,
}: NodeFacts): FieldValue {
  const { shared } = control;
  const ownerName = owner();
  const pool = share(admission.poolUsed(), budget.ram);
  return {
    id: toHex(id),
    name,
    board: boardName,
    firmware: firmwareVersion,
    abi: abiVersion,
    engine: `v8 ${process.versions.v8}`,
    nstart: 64,
    uptimeMs: Math.floor(now()),
    clockMs: Math.floor(Date.now() + shared.clockOffset),
    reset: reset(),
    safeMode: false,
    trust: keys.map(({ key, prefix, rights }) => ({ prefix, rights, kid: keyId(key, sha256) })),
    ...(ownerName !== undefined && { owner: ownerName }),
    ram: { ...pool, largest: pool.free },
    flash: share(admission.flashUsed(), budget.flash),
    // The host needs no block heads: nothing is added to the figures of a manifest.
    atomOverhead: 0,
    instanceOverhead: 0,
    counters: {
      deadlines: shared.get('deadlines'),
      traps: shared.get('traps'),
      kvWrites: shared.get('kvWrites'),
      localMessages: shared.get('localMessages'),
      remoteMessages: shared.get('remoteMessages'),
      repeatedMessages: shared.get('repeatedMessages'),
      lostReports: shared.get('lostReports'),
    },
  };
}

function share(used: number, total: number): { used: number; free: number; total: number } {
  return { used, free: total - used, total };
}

/** State of one atom. */
export function atomDocument(atom: HostAtom, facts: NodeFacts): FieldValue {
  const { state, manifest, slot, phase, name } = atom;
  const ready = state.get('ready');
  // Both change one after the other while an atom runs.
  const waiting = Math.max(0, state.get('inboxMessages') - ready);
  return {
    name,
    ...manifestFields(atom),
    slot,
    phase,
    ...instances(atom, facts),
    inbox: { waiting, ready, done: state.get('done'), dropped: state.get('dropped') },
    memory: {
      ...needOf(atom),
      total:
        atom.isAlive && manifest !== undefined
          ? blockBytes(manifest.payloads[0].need, manifest.configuration)
          : 0,
      used: state.get('memoryUsed'),
    },
    storage: { used: state.get('storageUsed'), total: manifest?.configuration.limits.storage ?? 0 },
    restarts: state.get('restarts'),
    sent: state.get('sent'),
    undelivered: state.get('undelivered'),
    refused: state.get('refused'),
    ...(atom.aliases.length === 0 ? {} : { aliases: atom.aliases }),
    ...lastEnd(atom),
    ...missing(atom, facts),
  };
}

function manifestFields({ manifest }: HostAtom): { readonly [name: string]: FieldValue } {
  if (manifest === undefined) return {};
  const { version, sequence, configuration } = manifest;
  const { kind, policy = 'one', recovery } = configuration;
  return { version, sequence, kind, ...(kind === 'reactive' ? { policy } : {}), recovery };
}

function needOf({ manifest }: HostAtom): { load: number; run: number } {
  const { load = 0, run = 0 } = manifest?.payloads[0].need ?? {};
  return { load, run };
}

/** The instances there are or will be again, in order of their numbers; left out where there is none. */
function instances(atom: HostAtom, { control, now }: NodeFacts): { readonly [name: string]: FieldValue } {
  if (!atom.isAlive) return {};
  const { name, state, index } = atom;
  const { shared } = control;
  const running = shared.get('running') === index + 1 ? shared.get('instance') : undefined;
  const shown: { readonly number: number; readonly document: FieldValue }[] = [];
  for (let slot = 0; slot < instancesPerAtom; slot += 1) {
    if (state.instance(slot, 'used') !== 1) continue;
    const number = state.instance(slot, 'number');
    const instance = number === 0 ? name : `${name}~${number}`;
    const phase = phaseName(state.instance(slot, 'phase'));
    const ageMs = running === number ? Math.max(0, Math.floor(now() - shared.activationStart)) : 0;
    const activations = state.instance(slot, 'activations');
    shown.push({ number, document: { instance, phase, activations, ageMs } });
  }
  if (shown.length === 0) return {};
  shown.sort((left, right) => left.number - right.number);
  return { instances: shown.map(({ document }) => document) };
}

/** Who takes events here: docs/reference/wire.md#messages. */
export function namesDocument(atoms: Iterable<HostAtom>): FieldValue {
  const alive = [...atoms].filter(({ isAlive }) => isAlive);
  const names = alive.map(({ name }) => name).sort();
  const aliases = [...new Set(alive.flatMap((atom) => atom.aliases))].sort();
  return { names, aliases };
}

function lastEnd({ trap, reason, exitCode }: HostAtom): { readonly [name: string]: FieldValue } {
  return {
    ...(trap === undefined ? {} : { trap: { ...trap } }),
    ...(reason === undefined ? {} : { reason }),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

/** What is missing of the newest version. */
function missing({ entry }: HostAtom, { versions }: NodeFacts): { readonly [name: string]: FieldValue } {
  const manifests = [manifestIn(entry, 'a'), manifestIn(entry, 'b')];
  const newest = manifests.find((manifest) => manifest?.sequence === entry.sequence);
  const payloads = newest === undefined ? [] : versions.missing(newest);
  return payloads.length === 0 ? {} : { missing: payloads.map((payload) => ({ ...payload })) };
}

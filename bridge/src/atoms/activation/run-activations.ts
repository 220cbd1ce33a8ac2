/** Wires an activation level to this process: its clock, entropy and disk. */
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import type { Effect } from '../messages.ts';
import { SharedState } from '../shared-state.ts';
import { Activations, type ChannelTable, type NodePlace } from './activations.ts';
import { KvStore } from './kv-store.ts';

/** What a worker gets when it starts. */
export interface ActivationSetup {
  readonly shared: SharedArrayBuffer;
  readonly channels: ChannelTable;
  readonly dataFolder: string;
  readonly wallFactor: number;
  /** Of `monotonicMs` when the node started. */
  readonly startedAt: number;
  readonly place: NodePlace;
}

/** Milliseconds of a clock that never steps and is the same in every thread. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** `post` hands over what was emitted, where `emit` does not. */
export function createActivations(
  setup: ActivationSetup,
  emit: (effect: Effect) => void,
  post?: () => void,
): Activations {
  const shared = new SharedState(setup.shared);
  const node = {
    shared,
    kv: KvStore.open(join(setup.dataFolder, 'pairs.log')),
    wallFactor: setup.wallFactor,
    now: () => monotonicMs() - setup.startedAt,
    utc: () => Date.now() + shared.clockOffset,
    random: (out: Uint8Array) => void randomFillSync(out),
    emit,
  };
  return new Activations(node, setup.channels, setup.place, post);
}

/** What a version takes of a node's atom pool: the formula of docs/reference/wire.md#manifest. */
import { configurationTable } from '../tables/index.ts';
import type { Configuration, Limits, PayloadNeed } from './manifest.ts';

/** Bytes of one place of an inbox or of an open request. */
const placeBytes = 40;

/** Instances memory is reserved for. */
export function reservedInstances({
  instances = configurationTable.limits.instances.default,
}: Limits): number {
  return instances;
}

/**
 * Bytes of an atom's own block, without the module it may share and what a board adds for the atom and each instance
 * (`atomOverhead`, `instanceOverhead`).
 */
export function blockBytes({ run }: Pick<PayloadNeed, 'run'>, { limits }: Configuration): number {
  const { inbox, publish, body, pending } = limits;
  const buffers = round8(inbox.bytes) + round8(publish) + round8(body * pending);
  return reservedInstances(limits) * round8(run) + buffers + placeBytes * (inbox.messages + pending);
}

/** Bytes of the loaded module, which atoms of the same payload share. */
export function moduleBytes({ load }: Pick<PayloadNeed, 'load'>): number {
  return round8(load);
}

function round8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

import type { Configuration, Limits, PayloadNeed } from '@radon/bridge/image';
import { configurationTable } from '@radon/bridge/tables';

const round8 = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** Bytes of one place of an inbox or of an open request. */
const placeBytes = 40;

/**
 * What an atom takes of a board's atom pool beside the module it may share and what the board adds for the atom and each
 * instance, bytes (docs/reference/wire.md#manifest).
 */
export function blockBytes({ run }: Pick<PayloadNeed, 'run'>, { limits }: Configuration): number {
  const { inbox, publish, body, pending } = limits;
  const buffers = round8(inbox.bytes) + round8(publish) + round8(body * pending);
  return mostInstances(limits) * round8(run) + buffers + placeBytes * (inbox.messages + pending);
}

/** Instances memory is reserved for. */
function mostInstances({ instances = configurationTable.limits.instances.default }: Limits): number {
  return instances;
}

/** The same in words. */
export function describeBlock(need: PayloadNeed, configuration: Configuration): string {
  const instances = mostInstances(configuration.limits);
  const several = instances === 1 ? 'instance' : `each of ${instances} instances`;
  const block = blockBytes(need, configuration);
  return `${need.load} bytes to load, once for all copies on a board; ${need.run} for ${several}, ${block} with its buffers and the board's fixed overhead on top`;
}

import { blockBytes, type Configuration, type PayloadNeed, reservedInstances } from '@radon/bridge/image';

/** What an atom takes of a board's atom pool, in words. */
export function describeBlock(need: PayloadNeed, configuration: Configuration): string {
  const instances = reservedInstances(configuration.limits);
  const several = instances === 1 ? 'instance' : `each of ${instances} instances`;
  const block = blockBytes(need, configuration);
  return `${need.load} bytes to load, once for all copies on a board; ${need.run} for ${several}, ${block} with its buffers and the board's fixed overhead on top`;
}

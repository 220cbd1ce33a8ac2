/** The host node: atoms on this machine behind the resources of a device. */
export { openHostNode } from './host-node.ts';
export * from './options.ts';

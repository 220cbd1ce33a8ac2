/** Nodes, their resources, and who observes them. */
export * from './node.ts';

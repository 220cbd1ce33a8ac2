/** Nodes, their resources, and who observes them. */
export * from './atom-rights.ts';
export * from './control-resources.ts';
export * from './looked-at.ts';
export * from './node.ts';
export * from './observation-hub.ts';
export * from './registry.ts';
export * from './tags.ts';
export * from './tree.ts';
export * from './uri-parts.ts';
export * from './watch-state.ts';

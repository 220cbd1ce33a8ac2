/** What the bridge writes down to have it again after a restart: docs/reference/restart.md. */
export * from './state-folder.ts';

/** What scripts and tests use of the toolchain; the command itself is `main.ts`. */
export { findAtomFolder } from './atoms/find.ts';
export { pushAtom } from './atoms/push.ts';
export {
  type SignedAtom,
  type SignedImage,
  type SignOptions,
  signBuilt,
  signImage,
} from './atoms/sign-image.ts';
export { type Board, defaultBoard, listBoards, loadBoard } from './boards.ts';
export { openBridge } from './bridge/open-bridge.ts';
export * from './build/index.ts';
export { commandTable } from './command-line.ts';
export { readColumn } from './csv-column.ts';
export { factoryReset, powerCycle, type StartResult, startBoard } from './emulator/fleet.ts';
export { stopEmulatedBoard } from './emulator/start.ts';
export { type EmulatedBoard, listEmulatedBoards, readEmulatedBoard } from './emulator/state.ts';
export { CommandFailure } from './failure.ts';
export { keysForNodes, openKeyStore, signingKey } from './keys/key-store.ts';
export { formatBytes, formatDuration } from './output.ts';
export { openWorkspace, type Workspace } from './workspace.ts';

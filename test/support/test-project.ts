/** A project in a temporary folder, with keys, emulated boards and a bridge of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pushImage, waitUntilUp } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import type { Bridge, BridgeOptions } from '@radon/bridge/server';
import {
  defaultBoard,
  type EmulatedBoard,
  listEmulatedBoards,
  openBridge,
  openWorkspace,
  powerCycle,
  type SignedImage,
  signImage,
  startBoard,
  stopEmulatedBoard,
  type Workspace,
} from '@radon/toolchain';
import { builtAtom } from './built-atoms.ts';
import { eventually } from './deadline.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export const startWithinMs = 20_000;

export interface TestProject {
  readonly workspace: Workspace;
  /** The bridge opened last. */
  readonly bridge: Bridge;
  openBridge(options?: Partial<BridgeOptions>): Promise<Bridge>;
  startBoard(name: string, emulator?: 'qemu' | 'posix'): Promise<EmulatedBoard>;
  /** Switches a board off; `startBoard` with its name starts it again, with what its flash holds. */
  stopBoard(board: EmulatedBoard): Promise<void>;
  /** Cuts the power and starts the board again, with what its flash holds. */
  powerCycle(board: EmulatedBoard): Promise<EmulatedBoard>;
  /** A node of the bridge, as soon as it is up. */
  node(name: string): Promise<NodePort>;
  /** A bridge and one emulated board, as the bridge's node. */
  openBoard(name: string): Promise<NodePort>;
  /** An atom signed with the project's key. */
  image(atom: string): Promise<SignedImage>;
  push(node: NodePort, atom: string): Promise<SignedImage>;
  /** Ends everything, in spite of failures. Idempotent. */
  close(): Promise<void>;
}

export async function openTestProject(): Promise<TestProject> {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder.path, 'package.json'), '{"dependencies":{"@radon/toolchain":"0.1.0"}}');
  const workspace = openWorkspace(folder.path);
  let bridge: Bridge | undefined;
  const project: TestProject = {
    workspace,
    get bridge() {
      if (bridge === undefined) throw new Error('no bridge was opened');
      return bridge;
    },
    async openBridge(options = {}) {
      bridge = await openBridge(workspace, { port: 0, coapPort: 0, boardPort: 0, ...options });
      return bridge;
    },
    async startBoard(name, emulator = 'qemu') {
      return (await startBoard(workspace, name, { board: defaultBoard, emulator })).board;
    },
    stopBoard: (board) => stopEmulatedBoard(workspace, board),
    powerCycle: async (board) => (await powerCycle(workspace, board)).board,
    async node(name) {
      const node = await eventually(`node ${name}`, () => project.bridge.registry.get(name), startWithinMs);
      await waitUntilUp(node, startWithinMs);
      return node;
    },
    async openBoard(name) {
      await project.openBridge();
      await project.startBoard(name);
      return project.node(name);
    },
    image: async (atom) => signImage(workspace, await builtAtom(atom)),
    async push(node, atom) {
      const image = await project.image(atom);
      await pushImage(node, image);
      return image;
    },
    async close() {
      try {
        await bridge?.close();
        for (const { board } of listEmulatedBoards(workspace)) await stopEmulatedBoard(workspace, board);
      } finally {
        await folder.remove();
      }
    },
  };
  return project;
}

/** Makes a bridge that looks for boards in `radonFolder` find `board` there behind another socket, such as a relay's. */
export function showBoardBehind(radonFolder: string, board: EmulatedBoard, socket: string): void {
  const folder = join(radonFolder, 'emu', board.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ ...board, socket }));
}

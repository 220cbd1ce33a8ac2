import { type KeyObject, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultBudget, openHostNode } from '@radon/bridge/atoms';
import { createCoapContext } from '@radon/bridge/coap';
import { createDevice, waitUntilUp } from '@radon/bridge/device';
import type { Image } from '@radon/bridge/image';
import { createReconnectingLink, openStreamLink, serialTiming } from '@radon/bridge/link';
import type { NodePort, Upstream } from '@radon/bridge/registry';
import {
  defaultBoard,
  keysForNodes,
  openKeyStore,
  openWorkspace,
  powerCycle,
  readEmulatedBoard,
  signingKey,
  startBoard,
  stopEmulatedBoard,
  type Workspace,
} from '@radon/toolchain';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { createScriptedBridge, type ScriptedBridge } from './scripted-bridge.ts';

export const nodeKinds = ['posix', 'emulated', 'host'] as const;
export type NodeKind = (typeof nodeKinds)[number];

/** A node that a scenario runs on, fresh from the factory. */
export interface NodeUnderTest {
  readonly kind: NodeKind;
  readonly node: NodePort;
  /** What the node sends for other nodes ends here. */
  readonly bridge: ScriptedBridge;
  readonly signingKey: KeyObject;
  /** Unix socket of a board's serial line. */
  readonly socket: string | undefined;
  nextSequence(): number;
  rememberImage(atom: string, image: Image): void;
  lastImage(atom: string): Image;
  /** Cuts the power without warning and waits until the node is back. */
  powerCycle(): Promise<void>;
  close(): Promise<void>;
}

const name = 'subject';
const baud = 115_200;
const startWithinMs = 20_000;
/** About what a board has, so that the same is too much. */
const budget = { ...defaultBudget, ram: 96 * 1024 };

/** Opens a node of a kind in a folder of its own, which goes with it. */
export async function openNode(kind: NodeKind): Promise<NodeUnderTest> {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder.path, 'package.json'), '{"dependencies":{"@radon/toolchain":"0.1.0"}}');
  const workspace = openWorkspace(folder.path);
  const key = signingKey(openKeyStore(workspace));
  const images = new Map<string, Image>();
  let sequence = 1;
  const open = { posix: openBoard, emulated: openBoard, host: openHost }[kind];
  const bridge = createScriptedBridge();
  const opened = await open(workspace, bridge.upstream, kind === 'posix' ? 'posix' : 'qemu');
  return {
    kind,
    bridge,
    get node() {
      return opened.node;
    },
    signingKey: key.privateKey,
    socket: opened.socket,
    nextSequence() {
      sequence += 1;
      return sequence;
    },
    rememberImage: (atom, image) => images.set(atom, image),
    lastImage(atom) {
      const image = images.get(atom);
      if (image === undefined) throw new Error(`${atom} was not pushed yet`);
      return image;
    },
    powerCycle: () => opened.powerCycle(),
    async close() {
      await opened.close();
      await folder.remove();
    },
  };
}

interface OpenedNode {
  node: NodePort;
  readonly socket?: string;
  powerCycle(): Promise<void>;
  close(): Promise<void>;
}

async function openBoard(
  workspace: Workspace,
  upstream: Upstream,
  emulator: 'qemu' | 'posix',
): Promise<OpenedNode> {
  const { board } = await startBoard(workspace, name, { board: defaultBoard, emulator });
  const link = createReconnectingLink(
    `unix:${board.socket}`,
    () => openStreamLink({ to: board.socket, baud }),
    {
      timing: serialTiming(baud),
      firstDelayMs: 20,
      maxDelayMs: 100,
    },
  );
  const node = createDevice({
    name,
    link,
    createClient: (own, server) => createCoapContext(own, server),
    heartbeatMs: 500,
    upstream,
  });
  await waitUntilUp(node, startWithinMs);
  return {
    node,
    socket: board.socket,
    async powerCycle() {
      const lost = new Promise<void>((resolve) => {
        const stop = node.watch(() => {
          if (node.state().link !== 'lost') return;
          stop();
          resolve();
        });
      });
      await powerCycle(workspace, board);
      await lost;
      await waitUntilUp(node, startWithinMs);
    },
    async close() {
      await node.close();
      const running = readEmulatedBoard(workspace, name);
      if (running !== undefined) await stopEmulatedBoard(workspace, running);
    },
  };
}

async function openHost(workspace: Workspace, upstream: Upstream): Promise<OpenedNode> {
  const id = new Uint8Array(randomBytes(8));
  const keys = keysForNodes(openKeyStore(workspace));
  const dataFolder = workspace.folder('host');
  const start = () => openHostNode({ name, id, keys, dataFolder, budget, upstream });
  let node = await start();
  return {
    get node() {
      return node;
    },
    async powerCycle() {
      await node.close();
      node = await start();
    },
    close: () => node.close(),
  };
}

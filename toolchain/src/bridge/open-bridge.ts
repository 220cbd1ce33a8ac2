import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBridgeRecord } from '@radon/bridge/process';
import { type Bridge, type BridgeOptions, createBridge } from '@radon/bridge/server';
import { CommandFailure } from '../failure.ts';
import { keysForNodes, openKeyStore } from '../keys/key-store.ts';
import { hostNodeName } from '../nodes/host-node-name.ts';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';

/** The host node's 64-bit identity, drawn once; anew where its file holds none. */
function hostIdentity(folder: string): Uint8Array {
  const file = join(folder, 'id');
  const known = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (/^[0-9a-f]{16}$/.test(known)) return new Uint8Array(Buffer.from(known, 'hex'));
  const drawn = randomBytes(8);
  replaceFile(file, drawn.toString('hex'));
  return new Uint8Array(drawn);
}

/**
 * Opens the bridge of a workspace: its emulated boards, and the host node, which trusts the keys that boards are
 * provisioned with here. Throws when one runs already.
 */
export async function openBridge(
  workspace: Workspace,
  options: Omit<BridgeOptions, 'radonFolder' | 'hostNode'> = {},
): Promise<Bridge> {
  const running = readBridgeRecord(workspace.radon);
  if (running !== undefined) {
    throw new CommandFailure(`A bridge (pid ${running.pid}) runs here already, at ${running.url}/.`, {
      remedy: 'Use it, or stop it first (Ctrl-C in its terminal).',
    });
  }
  const keys = keysForNodes(openKeyStore(workspace));
  const dataFolder = workspace.folder('host');
  const hostNode = { name: hostNodeName, id: hostIdentity(dataFolder), keys, dataFolder };
  return createBridge({ ...options, radonFolder: workspace.radon, hostNode });
}

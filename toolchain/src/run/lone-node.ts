import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHostNode } from '@radon/bridge/atoms';
import { publicKeyBytes, sha256 } from '@radon/bridge/crypto';
import { pushImage } from '@radon/bridge/device';
import { decodeImage, keyRight } from '@radon/bridge/image';
import type { NodePort } from '@radon/bridge/registry';
import { sealImage } from '../atoms/sign-image.ts';
import type { RunnableAtom } from './source.ts';

/** A host node of this process alone, with nothing kept when it closes. */
export interface LoneNode {
  readonly node: NodePort;
  /** Resolves when the atom has started; throws the node's reason when it does not. */
  start(atom: RunnableAtom, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** It trusts one key, which is forgotten with it. */
export async function openLoneNode(): Promise<LoneNode> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'radon-run-'));
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = publicKeyBytes(privateKey);
  const keys = [{ key: publicKey, prefix: '', rights: keyRight.deploy | keyRight.control }];
  const remove = () => rmSync(dataFolder, { recursive: true, force: true });
  const node = await openHostNode({ name: 'run', id: randomBytes(8), keys, dataFolder }).catch((error) => {
    remove();
    throw error;
  });
  return {
    node,
    async start({ manifest, code }, signal) {
      const image = sealImage(manifest, code, { name: 'run', privateKey, publicKey });
      await pushImage(node, decodeImage(image, sha256), { signal });
    },
    async close() {
      await node.close();
      remove();
    },
  };
}

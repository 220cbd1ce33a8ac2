/** What boards know this bridge by. */
import { hostname } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { sha256 } from '../crypto/index.ts';
import type { BridgeIdentity } from '../device/lease.ts';
import { toHex } from '../fields/index.ts';

/** Bytes of a name that a board keeps. */
const longestName = 32;
const idBytes = 8;

/** The id is that of the folder on this machine: a bridge that is started again there has its boards at once. */
export function identityOf(options: {
  readonly radonFolder: string;
  readonly name?: string;
}): BridgeIdentity {
  const folder = resolve(options.radonFolder);
  const digest = sha256(new TextEncoder().encode(`${hostname()} ${folder}`));
  const name = options.name ?? `${hostname()}/${basename(dirname(folder))}`;
  return {
    id: toHex(digest.subarray(0, idBytes)),
    name: name.replace(/[^\x20-\x7e]/g, '?').slice(0, longestName),
  };
}

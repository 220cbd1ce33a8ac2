/** Programs in a network of their own, for what must not reach the machine's. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { libcoap, type Peer } from './peers.ts';

/** libcoap, with what makes a network for it. */
export const libcoapInNamespace: Peer = {
  ...libcoap,
  name: 'libcoap or ip',
  remedy: `${libcoap.remedy} iproute2`,
  isPresent: () => libcoap.isPresent() && spawnSync('ip', ['-Version']).status === 0,
};

/** Not everybody may make a network, whatever is installed. */
export const mayMakeNetwork = spawnSync('unshare', ['--net', 'true']).status === 0;
if (!mayMakeNetwork) console.warn('SKIPPED what needs multicast: only root may make a network namespace');

/** Runs a script of Node.js in a namespace of its own; resolves with what it prints, read as JSON. */
export async function runInNamespace(script: string, ...args: string[]): Promise<unknown> {
  const run = ['--net', process.execPath, script, ...args];
  const { stdout } = await promisify(execFile)('unshare', run, { timeout: 40_000 });
  return JSON.parse(stdout);
}

/** Other people's programs of this machine: CoAP implementations, a browser. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

export interface Peer {
  readonly name: string;
  readonly command: string;
  /** How to get it. */
  readonly remedy: string;
  isPresent(): boolean;
}

const venvPython = fileURLToPath(new URL('../../.radon/venv/bin/python', import.meta.url));

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

export const libcoap: Peer = {
  name: 'libcoap',
  command: 'coap-client-notls',
  remedy: 'apt-get install libcoap3-bin',
  // It has no option that only says its version: usage ends with 1, a missing program with no status.
  isPresent() {
    return spawnSync(this.command, [], { stdio: 'ignore' }).status !== null;
  },
};

export const aiocoap: Peer = {
  name: 'aiocoap',
  command: venvPython,
  remedy: 'npm test sets it up in .radon/venv',
  isPresent() {
    return existsSync(this.command) && runs(this.command, '-c', 'import aiocoap');
  },
};

export const curl: Peer = {
  name: 'curl',
  command: 'curl',
  remedy: 'apt-get install curl',
  isPresent() {
    return runs(this.command, '--version');
  },
};

export const chromium: Peer = {
  name: 'chromium',
  command: 'chromium',
  remedy: 'apt-get install chromium',
  isPresent() {
    return runs(this.command, '--version');
  },
};

/** Tests that need a peer: without it they fail in CI and are skipped loudly elsewhere. */
export function describeWith(peer: Peer, title: string, body: () => void): void {
  if (peer.isPresent()) {
    describe(title, body);
    return;
  }
  const reason = `${peer.name} is missing (${peer.remedy})`;
  if (process.env.CI) {
    it(title, () => {
      throw new Error(reason);
    });
    return;
  }
  console.warn(`SKIPPED ${title}: ${reason}`);
  describe.skip(`${title} [${reason}]`, body);
}

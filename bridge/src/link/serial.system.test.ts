/** The contract over real serial ports: two pseudo-terminals joined by a Python script. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, it } from 'vitest';
import { openSerialLink } from './index.ts';
import { type LinkPair, testLinkContract } from './link.contract.ts';

const cable = new URL('../../../test/support/pty-pair.py', import.meta.url).pathname;
/** A container or chroot without devpts has none. */
const hasTerminals = spawnSync('python3', ['-c', 'import os; os.openpty()']).status === 0;
const cables: ChildProcess[] = [];

afterAll(() => {
  for (const child of cables) child.kill();
});

async function openPair(): Promise<LinkPair> {
  const child = spawn('python3', [cable], { stdio: ['ignore', 'pipe', 'inherit'] });
  cables.push(child);
  const [line] = await once(child.stdout, 'data');
  const [near = '', far = ''] = String(line).trim().split(' ');
  return { near: await openSerialLink({ path: near }), far: await openSerialLink({ path: far }) };
}

if (hasTerminals) testLinkContract('serial', openPair, { isLossless: true, noticesClose: false });
else describe('serial link', () => it.skip('needs python3 and pseudo-terminals (devpts)'));

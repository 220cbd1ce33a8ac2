import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { compileBridge, compiledModule } from '../support/compiled.ts';
import { describeWith, libcoap, type Peer } from '../support/peers.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

/** libcoap, with what makes a network for it. */
const libcoapInNamespace: Peer = {
  ...libcoap,
  name: 'libcoap or ip',
  remedy: `${libcoap.remedy} iproute2`,
  isPresent: () => libcoap.isPresent() && spawnSync('ip', ['-Version']).status === 0,
};

/** Not everybody may make a network, whatever is installed. */
const mayMakeNetwork = spawnSync('unshare', ['--net', 'true']).status === 0;
if (!mayMakeNetwork) console.warn('SKIPPED discovery by multicast: only root may make a network namespace');

const scene = fileURLToPath(new URL('multicast_scene.mjs', import.meta.url));

describeWith(libcoapInNamespace, 'discovery by multicast', () => {
  beforeAll(compileBridge);

  it.skipIf(!mayMakeNetwork)(
    "is answered to libcoap's client from the bridge's own address, or not at all",
    async () => {
      const folder = makeTemporaryFolder();
      try {
        const bridge = compiledModule('server/index.js').href;
        const run = ['--net', process.execPath, scene, bridge, folder.path, libcoap.command];
        const { stdout } = await promisify(execFile)('unshare', run, { timeout: 40_000 });
        const link = '</rd>;rt="core.rd";ct=40';
        expect(JSON.parse(stdout)).toEqual({ found: link, nothing: '', refused: '', alone: link });
      } finally {
        await folder.remove();
      }
    },
    60_000,
  );
});

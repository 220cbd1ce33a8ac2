import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { compileBridge, compiledModule } from '../support/compiled.ts';
import { describeWith, libcoap, type Peer } from '../support/peers.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

/** libcoap, where a test may make a network of its own. */
const libcoapInNamespace: Peer = {
  ...libcoap,
  name: `${libcoap.name} in a network namespace`,
  remedy: `${libcoap.remedy}; root, and ip of iproute2`,
  isPresent: () =>
    libcoap.isPresent() &&
    spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far'])
      .status === 0,
};

const scene = fileURLToPath(new URL('multicast_scene.mjs', import.meta.url));

describeWith(libcoapInNamespace, 'discovery by multicast', () => {
  beforeAll(compileBridge);

  it("is answered to libcoap's client from the bridge's own address, or not at all", async () => {
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
  }, 60_000);
});

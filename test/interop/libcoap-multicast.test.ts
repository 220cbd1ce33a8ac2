import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { compileBridge, compiledModule } from '../support/compiled.ts';
import { libcoapInNamespace, mayMakeNetwork, runInNamespace } from '../support/network-namespace.ts';
import { describeWith, libcoap } from '../support/peers.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const scene = fileURLToPath(new URL('multicast_scene.mjs', import.meta.url));

describeWith(libcoapInNamespace, 'discovery by multicast', () => {
  beforeAll(compileBridge);

  it.skipIf(!mayMakeNetwork)(
    "is answered to libcoap's client from the bridge's own address, or not at all",
    async () => {
      const folder = makeTemporaryFolder();
      try {
        const bridge = compiledModule('server/index.js').href;
        const result = await runInNamespace(scene, bridge, folder.path, libcoap.command);
        const link = '</rd>;rt="core.rd";ct=40';
        expect(result).toEqual({ found: link, nothing: '', refused: '', alone: link });
      } finally {
        await folder.remove();
      }
    },
    60_000,
  );
});

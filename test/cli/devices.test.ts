import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libcoapInNamespace, mayMakeNetwork, runInNamespace } from '../support/network-namespace.ts';
import { describeWith } from '../support/peers.ts';
import { launcher, openScratch, type RunningCommand, type Scratch } from './command.ts';

interface Row {
  readonly name?: string;
  readonly kind: string;
  readonly state: string;
  readonly address: string;
}

let project: Scratch;
beforeAll(() => {
  project = openScratch();
});
afterAll(() => project.close());

/** Without the ports of the machine the test runs on. */
const withoutPorts = (stdout: string) =>
  (JSON.parse(stdout.split('\n')[0] ?? '') as Row[]).filter(({ kind }) => kind !== 'serial');

const list = () => project.radon('devices', '--wait', '0', '--json');

describe('radon devices', () => {
  let bridge: RunningCommand;

  it('is empty, not an error, where there is nothing', async () => {
    const { code, stdout, stderr } = await list();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(withoutPorts(stdout)).toEqual([]);
  });

  it('has a board of the emulator once: by itself, or as a node of the bridge', async () => {
    await project.radon('emu', 'start', 'gauge-1');
    expect(withoutPorts((await list()).stdout)).toMatchObject([
      { name: 'gauge-1', kind: 'emulated', state: 'running', what: 'netduinoplus2 on qemu' },
    ]);
    bridge = project.start('bridge', '--port', '0', '--coap-port', '0', '--serial', 'gauge-2=/dev/none');
    await bridge.until(/gauge-1: up/);
    await bridge.until(/^CoAP /m);
    expect(withoutPorts((await list()).stdout)).toMatchObject([
      { name: 'bridge', kind: 'host', state: 'up' },
      { name: 'gauge-1', kind: 'device', state: 'up', address: expect.stringContaining('unix:') },
      { name: 'gauge-2', kind: 'device', state: 'lost', address: 'serial:/dev/none@115200' },
    ]);
  });

  it('lists the rest when the bridge does not answer, and says so with 3', async () => {
    bridge.process.kill('SIGSTOP');
    const { code, stdout, stderr } = await project.radon('devices', '--wait', '0');
    bridge.process.kill('SIGCONT');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^gauge-1 +emulated +running /m);
    expect(stderr).toMatch(
      /^radon devices: The bridge \(pid \d+\) does not answer\.\n {2}Stop it and start it again: radon bridge\.$/m,
    );
  });
});

const scene = fileURLToPath(new URL('discovery_scene.mjs', import.meta.url));

describeWith(libcoapInNamespace, 'radon devices on a network', () => {
  it.skipIf(!mayMakeNetwork)("finds libcoap's server by multicast, and believes no stranger", async () => {
    const rows = (await runInNamespace(scene, launcher, 'coap-server-notls')) as Row[];
    expect(rows.filter(({ kind }) => kind === 'coap')).toEqual([
      { kind: 'coap', state: 'answers', address: 'coap://10.77.0.1:5683', what: 'ticks' },
    ]);
  });
});

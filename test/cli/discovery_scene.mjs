// In a network namespace of its own: libcoap's server, somebody who answers what nobody asked, and `radon devices`, whose
// answer is printed.   node discovery_scene.mjs LAUNCHER SERVER
import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { makeNetwork, ownAddress } from '../support/network.mjs';

const [, , launcher, server] = process.argv;
const group = '224.0.1.187';
makeNetwork();

const stranger = createSocket({ type: 'udp4', reuseAddr: true });
stranger.bind({ address: group, port: 5683 });
await once(stranger, 'listening');
stranger.addMembership(group, ownAddress);
// A 2.05 with a token of its own, and what is no message at all.
stranger.on('message', (_, { port, address }) => {
  stranger.send(Uint8Array.of(0x51, 0x45, 0, 1, 9), port, address);
  stranger.send(Uint8Array.of(0xff), port, address);
});

const child = spawn(server, ['-g', group, '-G', 'near'], { stdio: 'ignore' });
const { stdout } = await promisify(execFile)(process.execPath, [launcher, 'devices', '--json']);
child.kill('SIGKILL');
stranger.close();
process.stdout.write(stdout);

// In a network namespace of its own: a bridge and libcoap's client, which asks all CoAP nodes. Prints what came as JSON.
// node multicast_scene.mjs BRIDGE_MODULE RADON_FOLDER CLIENT
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const [, , bridgeModule, radonFolder, client] = process.argv;
const address = '10.77.0.1';
const ip = (...args) => execFileSync('ip', args);

ip('link', 'set', 'lo', 'up');
ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
ip('addr', 'add', `${address}/24`, 'dev', 'near');
ip('link', 'set', 'near', 'up');
ip('link', 'set', 'far', 'up');
ip('route', 'add', '224.0.0.0/4', 'dev', 'near');

const { createBridge } = await import(bridgeModule);
const bridge = await createBridge({ radonFolder, port: 0, coapHost: address, coapMulticast: true });

const ask = async (uri, ...options) =>
  (await promisify(execFile)(client, ['-B', '8', ...options, uri]).catch((error) => error)).stdout.trim();
const [found, nothing, refused] = await Promise.all([
  ask('coap://224.0.1.187/.well-known/core?rt=core.rd', '-N'),
  ask('coap://224.0.1.187/.well-known/core?rt=none', '-N'),
  ask('coap://224.0.1.187/nodes', '-N'),
]);
const alone = await ask(`coap://${address}/.well-known/core?rt=core.rd`);
await bridge.close();
process.stdout.write(JSON.stringify({ found, nothing, refused, alone }));

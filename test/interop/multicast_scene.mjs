// In a network namespace of its own: a bridge and libcoap's client, which asks all CoAP nodes. Prints what came as JSON.
// node multicast_scene.mjs BRIDGE_MODULE RADON_FOLDER CLIENT
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ownAddress as address, makeNetwork } from '../support/network.mjs';

const [, , bridgeModule, radonFolder, client] = process.argv;
makeNetwork();

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

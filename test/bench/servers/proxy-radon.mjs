/** The bridge as it is, in front of one node on UDP whose nstart is 64. */
import { createBridge } from '@radon/bridge/server';
import { announce, temporaryFolder } from './serve.mjs';

const [upstreamPort] = process.argv.slice(2).map(Number);
const bridge = await createBridge({
  radonFolder: temporaryFolder(),
  port: 0,
  coapPort: 0,
  emulatedBoards: false,
  udpBoards: [{ name: 'far', host: '127.0.0.1', port: upstreamPort, nstart: 64 }],
});
const node = bridge.registry.get('far');
const isUp = () => node?.state().link === 'up';
if (!isUp()) await new Promise((resolve) => node?.watch(() => isUp() && resolve(undefined)));
announce(Number(new URL(bridge.url).port), () => ({ coapPort: Number(new URL(bridge.coap).port) }));

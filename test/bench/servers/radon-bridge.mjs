/**
 * The bridge as `radon bridge` runs it, in front of one node in its process, whose answers may be kept: the CoAP face with
 * deduplication, Hop-Limit, limits and audit log, the registry with history and cache.
 */
import { createBridge } from '@radon/bridge/server';
import { announce, temporaryFolder } from './serve.mjs';

const content = { code: 69, payload: new TextEncoder().encode('hello'), maxAge: 60 };
const changed = { code: 68, payload: new Uint8Array(0) };

const node = {
  name: 'n',
  request: async ({ method }) => (method === 1 ? content : changed),
  observe: () => ({ close: () => undefined }),
  state: () => ({ name: 'n', kind: 'host', link: 'up', address: 'worker', since: 0 }),
  watch: () => () => undefined,
  close: async () => undefined,
};

const options = { radonFolder: temporaryFolder(), port: 0, coapPort: 0, emulatedBoards: false };
const bridge = await createBridge(options);
bridge.registry.add(node);
announce(Number(new URL(bridge.coap).port), () => ({ httpPort: Number(new URL(bridge.url).port) }));

/** The bridge as a member of the group of all CoAP nodes. */
import { createMulticastDiscovery, directoryLinks } from '../coap-face/index.ts';
import { type Link, openMulticastReceiver } from '../link/index.ts';
import type { Registry } from '../registry/registry.ts';
import { listLinks } from '../registry/tree.ts';

/** IANA "All CoAP Nodes" and the port they are asked at (RFC 7252 section 12.8). */
const allCoapNodes = '224.0.1.187';
const coapPort = 5_683;

/** The result leaves the group. Rejects where no interface at `host` can join. */
export async function openMulticastDiscovery(registry: Registry, link: Link, host: string) {
  const links = async () => [...directoryLinks, ...(await listLinks(registry))];
  const discovery = createMulticastDiscovery({ links, link });
  const { receive } = discovery;
  const receiver = await openMulticastReceiver({ group: allCoapNodes, port: coapPort, at: host, receive });
  return async () => {
    discovery.close();
    await receiver.close();
  };
}

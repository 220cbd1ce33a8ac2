/** The bridge as a member of the group of all CoAP nodes. */
import { createMulticastDiscovery, directoryLinks } from '../coap-face/index.ts';
import { allCoapNodes, type Link, openMulticastReceiver } from '../link/index.ts';
import type { Registry } from '../registry/registry.ts';
import { listLinks } from '../registry/tree.ts';

/** The result leaves the group. Rejects where no interface at `host` can join. */
export async function openMulticastDiscovery(registry: Registry, link: Link, host: string) {
  const links = async () => [...directoryLinks, ...(await listLinks(registry))];
  const discovery = createMulticastDiscovery({ links, link });
  const { receive } = discovery;
  const receiver = await openMulticastReceiver({ ...allCoapNodes, at: host, receive });
  return async () => {
    discovery.close();
    await receiver.close();
  };
}

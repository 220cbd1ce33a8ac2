/** The CoAP face of a running bridge. */
import { type CoapContext, createCoapContext } from '../coap/index.ts';
import { createCoapFace, createDirectoryResources } from '../coap-face/index.ts';
import type { Directory } from '../directory/index.ts';
import { openUdpServer, type UdpLink } from '../link/index.ts';
import { contentFormat, method } from '../tables/index.ts';
import type { BridgeOptions } from './bridge.ts';
import { guardCoap } from './coap-guard.ts';
import { bracket, type Close, type Core, describe, isLoopback, rateLimitOf } from './core.ts';
import type { KeptObservations } from './kept-observations.ts';
import { openMulticastDiscovery } from './multicast-discovery.ts';
import { listenOnNextPort } from './next-port.ts';

/** Among the boards whose observations are kept; no board can be called so. */
const coapFaceName = '_coap';

export async function openCoapFace(
  options: BridgeOptions,
  { registry, services, router, logger, onChange }: Core,
  { directory, observations }: { readonly directory: Directory; readonly observations: KeptObservations },
  closers: Close[],
) {
  const host = options.coapHost ?? '127.0.0.1';
  const trusted = isLoopback(host);
  const link: UdpLink = await listenOnNextPort(host, options.coapPort ?? 5683, (port) =>
    openUdpServer({ host, port, trusted }),
  );
  const { requestHosts = [] } = options;
  const isOwn = (name: string, port: number) =>
    port === link.localPort && (name === host || (trusted && isLoopback(name)));
  const face = createCoapFace({
    registry,
    services,
    directory: createDirectoryResources({
      directory,
      logger,
      isOwn,
      discover: (at) => context.request(core, { to: at }),
    }),
    messages: router.outside,
    servers: router.servers,
    requestHosts,
    isOwn,
    isReadOnly: !trusted,
  });
  const onHandlerError = (error: unknown) => logger.error(`CoAP: ${describe(error)}`);
  const context: CoapContext = createCoapContext(link, {
    ...face,
    handler: guardCoap(face.handler, { rateLimit: trusted ? undefined : rateLimitOf(options), onChange }),
    onHandlerError,
  });
  const following = observations.follow(coapFaceName, link.localPort, context);
  following.resume();
  closers.push(
    () => context.close(),
    () => following.stop(),
  );
  if (options.coapMulticast) closers.push(await openMulticastDiscovery(registry, link, host));
  return `coap://${bracket(host)}:${link.localPort}`;
}

const core = { method: method.GET, path: '/.well-known/core', accept: contentFormat.LINK_FORMAT };

/** The HTTP face of a running bridge. */
import { createAccess, createToken, openTokenStore } from '../access/index.ts';
import { createHttpHandler } from '../http/handler.ts';
import type { BridgeOptions } from './bridge.ts';
import { bracket, type Close, type Core, describe, isLoopback, rateLimitOf } from './core.ts';
import { openHttpServer } from './http-server.ts';
import { isReadableByAll, readTlsFiles } from './tls.ts';

/** Event ids of a run begin with the time in microseconds: no run tells more than one a microsecond. */
const eventIdsPerMs = 1_000;

export async function openHttpFace(options: BridgeOptions, core: Core, closers: Close[]) {
  const { registry, services, cache, history, router, logger, onChange, isReady } = core;
  const host = options.host ?? '127.0.0.1';
  const token = options.token ?? (isTokenAsked(options, host) ? createToken() : undefined);
  const tokens = openTokenStore(options.radonFolder);
  // A file that lets nobody in is told of now, not to each who asks.
  if (token !== undefined) tokens.list();
  const handler = createHttpHandler({
    registry,
    history,
    services,
    messages: router.outside,
    isReady,
    lastEventId: Date.now() * eventIdsPerMs,
    cache: () => cache.statistics,
    access: token === undefined ? undefined : createAccess({ tokens, ownToken: token }),
    rateLimit: token === undefined ? undefined : rateLimitOf(options),
    isSecure: options.tls !== undefined,
    onChange,
    allowedHosts: [host, ...(options.allowedHosts ?? [])],
    onError: (error) => logger.error(`HTTP: ${describe(error)}`),
  });
  const { maxBody, tls } = options;
  if (tls !== undefined && isReadableByAll(tls.key))
    logger.warn(`HTTP: everybody on this machine can read the private key ${tls.key} (chmod o-r)`);
  const server = await openHttpServer({
    handler,
    onError: (error) => logger.error(`HTTP: ${describe(error)}`),
    host,
    port: options.port ?? 8080,
    ...(maxBody && { maxBody }),
    tls: tls && readTlsFiles(tls),
  });
  closers.push(() => server.close());
  const reloadTls = () => {
    if (tls !== undefined) server.replaceTls(readTlsFiles(tls));
  };
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${bracket(host)}:${server.port}`,
    token,
    reloadTls,
  };
}

function isTokenAsked({ requireToken = false }: BridgeOptions, host: string): boolean {
  return requireToken || !isLoopback(host);
}

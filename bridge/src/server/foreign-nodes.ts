/** What registered in the directory, as nodes: CoAP servers of other make. */
import { join } from 'node:path';
import { createCoapContext } from '../coap/index.ts';
import { type CoreLink, filterLinks, formatLinks } from '../coap/link-format.ts';
import { createDevice } from '../device/device.ts';
import type { Logger } from '../device/logger.ts';
import {
  createDirectory,
  type Directory,
  openRegistrationStore,
  type Registration,
} from '../directory/index.ts';
import { createReconnectingLink, openUdpClient, udpTiming } from '../link/index.ts';
import type { NodePort, NodeRequest, NodeResponse } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { contentFormat, method } from '../tables/index.ts';

export interface ForeignNodesOptions {
  readonly directory: Directory;
  readonly registry: Registry;
  readonly logger: Logger;
}

interface Entry {
  registration: Registration;
}

export interface ForeignNodes {
  readonly directory: Directory;
  /** Resolves when what is registered is on disk. */
  close(): Promise<void>;
}

/** The directory with what registered in earlier runs; each registration is a node. */
export function openForeignNodes(options: {
  readonly radonFolder: string;
  /** `host` or `host:port` that a registration may be at beside its sender's address. */
  readonly requestHosts: readonly string[];
  readonly registry: Registry;
  readonly logger: Logger;
}): ForeignNodes {
  const { registry, logger } = options;
  const warn = (sentence: string) => logger.warn(sentence);
  const directory = createDirectory({
    allowedHosts: options.requestHosts,
    isNameTaken: (name) => registry.get(name) !== undefined,
    store: openRegistrationStore(join(options.radonFolder, 'registrations'), warn),
    onDropped: (name, reason) =>
      warn(`registration of ${name} dropped: ${reason instanceof Error ? reason.message : reason}`),
  });
  const stop = followDirectory({ directory, registry, logger });
  return {
    directory,
    async close() {
      stop();
      directory.close();
      await directory.settled().catch((error: unknown) => warn(`registrations: ${String(error)}`));
    },
  };
}

/** Milliseconds between two pings: such servers may run on batteries. */
const heartbeatMs = 30_000;

/** Keeps the registry at what the directory says; the result stops that. The nodes belong to the registry. */
export function followDirectory({ directory, registry, logger }: ForeignNodesOptions): () => void {
  const entries = new Map<string, Entry>();

  function add(registration: Registration): void {
    const entry: Entry = { registration };
    entries.set(registration.name, entry);
    registry.add(openForeignNode(entry, logger));
  }

  function remove(name: string): void {
    entries.delete(name);
    registry.remove(name).catch((error: unknown) => logger.error(`${name}: ${String(error)}`));
  }

  function follow(): void {
    const registered = new Map(directory.list().map((registration) => [registration.name, registration]));
    for (const [name, entry] of [...entries]) {
      const present = registered.get(name);
      if (present?.base === entry.registration.base) entry.registration = present;
      else remove(name);
    }
    for (const [name, registration] of registered) if (!entries.has(name)) add(registration);
  }

  /** A board of the same name came: the registration is over. */
  function giveWay(): void {
    for (const name of [...entries.keys()]) {
      if (registry.get(name)?.state().kind === 'foreign') continue;
      entries.delete(name);
      directory.drop(name);
      logger.warn(`${name}: the registration gave way to a board of that name`);
    }
  }

  follow();
  const stops = [directory.watch(follow), registry.watch(giveWay)];
  return () => {
    for (const stop of stops) stop();
  };
}

function openForeignNode(entry: Entry, logger: Logger): NodePort {
  const { name, host, port, base } = entry.registration;
  const open = () => openUdpClient({ host, port });
  const link = createReconnectingLink(`udp:${base.slice('coap://'.length)}`, open, { timing: udpTiming });
  const device = createDevice({
    name,
    link,
    createClient: (own, server) => createCoapContext(own, server),
    logger,
    coap: base,
    kind: 'foreign',
    heartbeatMs,
  });
  return withLinks(device, () => entry.registration.links);
}

/** The same node, whose `/.well-known/core` is what it registered. */
function withLinks(node: NodePort, links: () => readonly CoreLink[]): NodePort {
  return {
    name: node.name,
    request: async (request, signal) =>
      isDiscovery(request)
        ? linksResponse(filterLinks(links(), request.query))
        : node.request(request, signal),
    observe: (request, listener) => node.observe(request, listener),
    state: () => node.state(),
    watch: (changed) => node.watch(changed),
    close: () => node.close(),
  };
}

function isDiscovery({ method: asked, path: [first, second, ...rest] }: NodeRequest): boolean {
  return asked === method.GET && first === '.well-known' && second === 'core' && rest.length === 0;
}

const contentCode = 0x45;

function linksResponse(links: readonly CoreLink[]): NodeResponse {
  const payload = new TextEncoder().encode(formatLinks(links));
  return { code: contentCode, payload, contentFormat: contentFormat.LINK_FORMAT, maxAge: 0 };
}

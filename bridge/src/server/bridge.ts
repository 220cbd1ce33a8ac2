/** A running bridge: nodes found and kept, the HTTP and the CoAP face, and the record by which commands find it. */
import { join } from 'node:path';
import { openAuditLog } from '../access/index.ts';
import { defaultHostName, type HostNodeOptions, openHostNode } from '../atoms/index.ts';
import { createCache } from '../cache/index.ts';
import { type Logger, silentLogger } from '../device/logger.ts';
import type { Directory } from '../directory/index.ts';
import { createHistory, type History, observeListed, openJournalFolder } from '../history/index.ts';
import { removeBridgeRecord, writeBridgeRecord } from '../process/index.ts';
import { lookedAt } from '../registry/looked-at.ts';
import type { NodePort } from '../registry/node.ts';
import { createRegistry, type Registry } from '../registry/registry.ts';
import type { NodeTags } from '../registry/tags.ts';
import { createDelayedUpstream, createRouter, type Router } from '../router/index.ts';
import { createServices } from '../services/index.ts';
import { type Boards, createBoards, type SerialBoard, type UdpBoard } from './boards.ts';
import { openCoapFace } from './coap-face.ts';
import { type Close, type Core, describe } from './core.ts';
import { openForeignNodes } from './foreign-nodes.ts';
import { openHttpFace } from './http-face.ts';
import { identityOf } from './identity.ts';
import { type KeptObservations, openKeptObservations } from './kept-observations.ts';
import type { TlsFiles } from './tls.ts';

export interface BridgeOptions {
  /** The project's `.radon` folder: emulated boards are found there, the bridge's record is written there. */
  readonly radonFolder: string;
  /** Address HTTP listens on (default 127.0.0.1); any but a loopback one asks for a token. */
  readonly host?: string;
  /** First HTTP port tried (default 8080; 0: any free one); a busy one is followed by the next. */
  readonly port?: number;
  /** Address the CoAP face listens on (default 127.0.0.1); on any but a loopback one it is read-only. */
  readonly coapHost?: string;
  /** First UDP port tried for it (default 5683; 0: any free one). */
  readonly coapPort?: number;
  /** What other bridges are told of this one, 1 to 32 bytes (default: the names of the machine and of the project's folder). */
  readonly name?: string;
  /** Whether the CoAP face also answers discovery by multicast, on the network of `coapHost` (default false). */
  readonly coapMulticast?: boolean;
  /** Host names HTTP answers for beside the loopback ones and `host`. */
  readonly allowedHosts?: readonly string[];
  /** Whether HTTP asks for a token on a loopback address too, as behind a reverse proxy (default false). */
  readonly requireToken?: boolean;
  /** The token of this bridge itself, with every right; made up when it is needed and left out. */
  readonly token?: string;
  /** Requests a second that each token, and each address without one, has where tokens are asked for (default 200; 0: no limit). */
  readonly rateLimit?: number;
  /** Makes HTTP HTTPS. */
  readonly tls?: TlsFiles;
  /** The node in this process; left out, there is none. */
  readonly hostNode?: HostNodeOptions;
  /** `host` (any port) or `host:port` that atoms may reach with `coap://` (default: none). */
  readonly requestHosts?: readonly string[];
  /** Tags of nodes by their names (default: none). */
  readonly tags?: NodeTags;
  /** `node/path` of resources that are observed for their history (default: none). */
  readonly history?: readonly string[];
  /** Boards on serial ports. */
  readonly serialBoards?: readonly SerialBoard[];
  /** Nodes that speak CoAP over UDP themselves. */
  readonly udpBoards?: readonly UdpBoard[];
  /** Whether boards in emulators are looked for (default true). */
  readonly emulatedBoards?: boolean;
  /** First UDP port opened on loopback for a board on a serial line (default 5701; 0: any free one); the next ones follow. */
  readonly boardPort?: number;
  /** Whether these ports pass control requests too (default false; for tests). */
  readonly udpControl?: boolean;
  /** Largest HTTP body, bytes (default 1 MiB). */
  readonly maxBody?: number;
  readonly logger?: Logger;
}

export interface Bridge {
  /** HTTP base, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** CoAP base, such as `coap://127.0.0.1:5683`. */
  readonly coap: string;
  /** The bridge's own token for `Authorization: Bearer`; undefined where none is asked for. */
  readonly token: string | undefined;
  readonly registry: Registry;
  /** Takes over a certificate and key that were replaced; throws when they cannot be used, and keeps the old ones. */
  reloadTls(): void;
  /** Closes faces, nodes and links and removes the record. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Resolves when both faces listen; nodes that answer at once are up then, others come up later. RadonError ADDRESS_IN_USE when no port is free. */
export async function createBridge(options: BridgeOptions): Promise<Bridge> {
  const closers: Close[] = [];
  const close = async () => {
    for (const closeOne of closers.splice(0).reverse()) await closeOne();
  };
  try {
    return { ...(await openBridge(options, closers)), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openBridge(options: BridgeOptions, closers: Close[]) {
  const logger = options.logger ?? silentLogger;
  const cache = createCache();
  const history = openHistory(options, logger);
  const registry = createRegistry({
    ...(options.tags && { tags: options.tags }),
    inFront: (node, observations) => cache.inFront(history.inFront(node), observations),
  });
  closers.push(() => registry.close(), observeListed(registry, options.history ?? []));
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const router = openRouter(options, registry, logger, started, closers);
  if (options.hostNode !== undefined) registry.add(await openHost(options.hostNode, router));
  const onChange = openAudit(options, logger, closers);
  let isReady = false;
  const services = createServices(registry);
  const core: Core = { registry, services, cache, history, router, logger, onChange, isReady: () => isReady };
  const directory = openDirectory(options, core, closers);
  const observations = openKeptObservations(options.radonFolder, (sentence) => logger.warn(sentence));
  closers.push(() => observations.settled());
  await openBoards(options, core, observations, closers);
  await lookedAt(registry, firstLookMs);
  start();
  const coap = await openCoapFace(options, core, { directory, observations }, closers);
  const http = await openHttpFace(options, core, closers);
  writeBridgeRecord(options.radonFolder, { ...http, coap });
  closers.push(() => {
    isReady = false;
    removeBridgeRecord(options.radonFolder);
  });
  isReady = true;
  return { url: http.url, coap, token: http.token, registry, reloadTls: http.reloadTls };
}

/** Whoever comes as soon as the faces listen finds the nodes that are there; a lost one holds the start up this long, milliseconds. */
const firstLookMs = 2_000;

async function openBoards(
  options: BridgeOptions,
  core: Core,
  observations: KeptObservations,
  closers: Close[],
): Promise<void> {
  const { registry, router, logger } = core;
  const { boardPort: firstPort = 5701, udpControl = false } = options;
  const bridge = identityOf(options);
  const boards = createBoards({
    registry,
    router,
    logger,
    observations,
    bridge,
    firstPort,
    udpControl,
  });
  closers.push(() => boards.close());
  addBoards(options, boards);
  await boards.settled();
}

function addBoards(options: BridgeOptions, boards: Boards): void {
  for (const board of options.serialBoards ?? []) boards.addSerial(board);
  for (const board of options.udpBoards ?? []) boards.addUdp(board);
  if (options.emulatedBoards !== false) boards.followEmulators(options.radonFolder);
}

function openHistory({ radonFolder, history: entries = [] }: BridgeOptions, logger: Logger): History {
  const folder = join(radonFolder, 'history');
  const journals = openJournalFolder(folder, (sentence) => logger.warn(sentence));
  return createHistory({ kept: { entries, journals } });
}

/** What atoms ask of others waits for `started`. */
function openRouter(
  options: BridgeOptions,
  registry: Registry,
  logger: Logger,
  started: Promise<void>,
  closers: Close[],
): Router {
  const { requestHosts = [] } = options;
  const onError = (error: unknown) => logger.error(`router: ${describe(error)}`);
  const router = createRouter({ registry, requestHosts, onError });
  closers.push(() => router.close());
  return { ...router, forNode: (name) => createDelayedUpstream(router.forNode(name), started) };
}

function openHost(options: HostNodeOptions, router: Router): Promise<NodePort> {
  const { name = defaultHostName } = options;
  return openHostNode({ ...options, name, upstream: router.forNode(name) });
}

function openDirectory(options: BridgeOptions, { registry, logger }: Core, closers: Close[]): Directory {
  const { radonFolder, requestHosts = [] } = options;
  const { directory, close } = openForeignNodes({ radonFolder, requestHosts, registry, logger });
  closers.push(close);
  return directory;
}

function openAudit({ radonFolder }: BridgeOptions, logger: Logger, closers: Close[]): Core['onChange'] {
  const onError = (error: unknown) => logger.error(`audit log: ${describe(error)}`);
  const log = openAuditLog(join(radonFolder, 'audit.log'), { onError });
  closers.push(() => log.close());
  return (entry) => log.write(entry);
}

/** Keeps the boards of a bridge: for each a device in the registry and, on serial lines, a UDP port of its own. */
import { createCoapContext, createCoapPool, createHop } from '../coap/index.ts';
import type { CoapContext } from '../coap/types.ts';
import { createDevice, type DeviceOptions } from '../device/device.ts';
import type { BridgeIdentity } from '../device/lease.ts';
import type { Logger } from '../device/logger.ts';
import {
  createReconnectingLink,
  defaultBaud,
  type Link,
  openSerialLink,
  openStreamLink,
  openUdpClient,
  openUdpServer,
  serialTiming,
  type UdpLink,
  udpTiming,
} from '../link/index.ts';
import { RadonError } from '../problem/error.ts';
import type { Registry } from '../registry/registry.ts';
import type { Router } from '../router/index.ts';
import { watchEmulatedBoards } from './emulated-boards.ts';
import type { Following, KeptObservations } from './kept-observations.ts';
import { listenOnNextPort } from './next-port.ts';

/** A board on a serial port. */
export interface SerialBoard {
  readonly name: string;
  /** Such as `/dev/ttyACM0`. */
  readonly path: string;
  /** Default 115200. */
  readonly baud?: number;
}

/** A node that speaks CoAP over UDP itself. */
export interface UdpBoard {
  readonly name: string;
  readonly host: string;
  /** Default 5683. */
  readonly port?: number;
  /** Interactions outstanding at once, for nodes that do not announce it in `/node`. */
  readonly nstart?: number;
}

export interface BoardsOptions {
  readonly registry: Registry;
  /** Where the boards' atoms reach other nodes. */
  readonly router: Router;
  readonly logger: Logger;
  /** What atoms of the boards observe elsewhere. */
  readonly observations: KeptObservations;
  /** Whose the boards are to be. */
  readonly bridge: BridgeIdentity;
  /** First UDP port opened on loopback for a board on a serial line; 0: any free one. */
  readonly firstPort: number;
  /** Whether these ports pass control requests too. */
  readonly udpControl: boolean;
}

export interface Boards {
  addSerial(board: SerialBoard): void;
  addUdp(board: UdpBoard): void;
  /** Adds and removes emulated boards as they start and stop. */
  followEmulators(radonFolder: string): void;
  /** Resolves when everything asked for so far is done. */
  settled(): Promise<void>;
  /** Stops following and closes the UDP ports; the nodes belong to the registry. Idempotent. */
  close(): Promise<void>;
}

const defaultCoapPort = 5_683;
const loopback = '127.0.0.1';

export function createBoards(options: BoardsOptions): Boards {
  const { registry, router, logger, observations, bridge, firstPort, udpControl } = options;
  const ports = new Map<string, CoapContext>();
  const followed = new Map<string, Following>();
  const emulated = new Set<string>();
  let stopFollowing: (() => void) | undefined;
  let work = Promise.resolve();

  /** One after the other: a board that is started again must find its name free. */
  function enqueue(task: () => Promise<void> | void): void {
    work = work.then(task).catch((error: unknown) => {
      logger.error(error instanceof Error ? error.message : String(error));
    });
  }

  /** A name that is taken stays with the node that has it, but for one that only registered under it. */
  function enqueueNew(name: string, add: () => Promise<void> | void): void {
    enqueue(async () => {
      if (registry.get(name)?.state().kind === 'foreign') await registry.remove(name);
      if (registry.get(name) === undefined) return add();
      throw new RadonError('BAD_REQUEST', { detail: `two nodes are named ${name}` });
    });
  }

  function addDevice(options: Omit<DeviceOptions, 'upstream' | 'bridge'>): void {
    registry.add(createDevice({ ...options, bridge, upstream: router.forNode(options.name) }));
  }

  /** The first port that no board has, or one after it; where others have those, any: no board goes without. */
  async function openPort(): Promise<UdpLink> {
    const open = (port: number) => openUdpServer({ host: loopback, port });
    try {
      return await listenOnNextPort(loopback, firstPort === 0 ? 0 : firstPort + ports.size, open);
    } catch (error) {
      if (error instanceof RadonError && error.code === 'ADDRESS_IN_USE') return open(0);
      throw error;
    }
  }

  /** The hop shares the device's client: a serial line has one opener. */
  async function addWithPort(name: string, link: Link): Promise<void> {
    const udp = await openPort();
    const createClient: DeviceOptions['createClient'] = (own, server) => {
      const client = createCoapContext(own, server);
      ports.set(name, createHop(udp, client, { name, udpControl }));
      followed.set(name, observations.follow(name, 0, client));
      return client;
    };
    const coap = `coap://${loopback}:${udp.localPort}`;
    addDevice({ name, link, createClient, logger, coap });
    resumeWhenUp(name);
  }

  /** A board that is not there yet could not reject what it does not observe any more. */
  function resumeWhenUp(name: string): void {
    const node = registry.get(name);
    const stopWatching = node?.watch(() => {
      if (node.state().link !== 'up') return;
      stopWatching?.();
      followed.get(name)?.resume();
    });
  }

  async function closePort(name: string): Promise<void> {
    followed.get(name)?.stop();
    followed.delete(name);
    await ports.get(name)?.close();
    ports.delete(name);
  }

  return {
    addSerial({ name, path, baud = defaultBaud }) {
      const open = () => openSerialLink({ path, baud });
      const link = createReconnectingLink(`serial:${path}@${baud}`, open, { timing: serialTiming(baud) });
      enqueueNew(name, () => addWithPort(name, link));
    },
    addUdp({ name, host, port = defaultCoapPort, nstart }) {
      const open = () => openUdpClient({ host, port });
      const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      const link = createReconnectingLink(`udp:${address}`, open, { timing: udpTiming });
      const options = nstart === undefined ? {} : { nstart };
      const createClient: DeviceOptions['createClient'] = (own, server) =>
        createCoapPool(own, open, { ...server, ...options });
      enqueueNew(name, () => addDevice({ name, link, createClient, logger, coap: `coap://${address}` }));
    },
    followEmulators(radonFolder) {
      stopFollowing = watchEmulatedBoards(radonFolder, {
        appeared: ({ name, socket }) => {
          const open = () => openStreamLink({ to: socket });
          const link = createReconnectingLink(`unix:${socket}`, open, { timing: serialTiming(defaultBaud) });
          enqueueNew(name, async () => {
            await addWithPort(name, link);
            emulated.add(name);
          });
        },
        vanished: ({ name }) =>
          enqueue(async () => {
            if (!emulated.delete(name)) return;
            await closePort(name);
            observations.forget(name);
            await registry.remove(name);
          }),
      });
    },
    settled: () => work,
    async close() {
      stopFollowing?.();
      await work;
      for (const name of [...ports.keys()]) await closePort(name);
    },
  };
}

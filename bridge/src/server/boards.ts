/** Keeps the boards of a bridge: a device and its link for each, in the registry while it is wanted. */
import { createCoapContext } from '../coap/index.ts';
import { createDevice } from '../device/device.ts';
import type { Logger } from '../device/logger.ts';
import {
  createReconnectingLink,
  type Link,
  openSerialLink,
  openStreamLink,
  openUdpClient,
  serialTiming,
  udpTiming,
} from '../link/index.ts';
import type { Registry } from '../registry/registry.ts';
import { type EmulatedBoard, watchEmulatedBoards } from './emulated-boards.ts';

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

export interface Boards {
  addSerial(board: SerialBoard): void;
  addUdp(board: UdpBoard): void;
  /** Adds and removes emulated boards as they start and stop. */
  followEmulators(radonFolder: string): void;
  /** Stops following; the boards themselves belong to the registry. */
  close(): void;
}

const defaultBaud = 115_200;
const defaultCoapPort = 5_683;

export function createBoards(registry: Registry, logger: Logger): Boards {
  let stopFollowing: (() => void) | undefined;

  function add(name: string, link: Link, nstart?: number): void {
    const createClient = (own: Link) => createCoapContext(own, nstart === undefined ? {} : { nstart });
    const device = createDevice({ name, link, createClient, logger });
    try {
      registry.add(device);
    } catch (error) {
      logger.error(error instanceof Error ? error.message : String(error));
      void device.close();
    }
  }

  function addEmulated({ name, socket }: EmulatedBoard): void {
    const timing = serialTiming(defaultBaud);
    add(
      name,
      createReconnectingLink(`unix:${socket}`, () => openStreamLink({ to: socket }), { timing }),
    );
  }

  return {
    addSerial({ name, path, baud = defaultBaud }) {
      const timing = serialTiming(baud);
      const open = () => openSerialLink({ path, baud });
      add(name, createReconnectingLink(`serial:${path}@${baud}`, open, { timing }));
    },
    addUdp({ name, host, port = defaultCoapPort, nstart }) {
      const open = () => openUdpClient({ host, port });
      add(name, createReconnectingLink(`udp:${host}:${port}`, open, { timing: udpTiming }), nstart);
    },
    followEmulators(radonFolder) {
      stopFollowing = watchEmulatedBoards(radonFolder, {
        appeared: addEmulated,
        vanished: ({ name }) => void registry.remove(name),
      });
    },
    close: () => stopFollowing?.(),
  };
}

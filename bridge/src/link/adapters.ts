import type { Clock } from './clock.ts';
import type { Link, LinkTiming } from './link.ts';

/** `openUdpServer(options)`: one bound socket, many endpoints. */
export interface UdpServerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port; `address()` of the link tells which. */
  readonly port?: number;
  /** Whether endpoints of this socket may send control requests (default false). */
  readonly trusted?: boolean;
  readonly timing?: LinkTiming;
}

/** A UDP link knows its own address. */
export interface UdpLink extends Link {
  readonly localAddress: string;
  readonly localPort: number;
}

/** `openUdpClient(options)`: a connected socket; the kernel drops datagrams from any other source. */
export interface UdpClientOptions {
  /** IP address or host name. */
  readonly host: string;
  /** Default 5683. */
  readonly port?: number;
  readonly timing?: LinkTiming;
}

/** `openSerialLink(options)`: slipmux on a serial port through npm `serialport` (optional). */
export interface SerialLinkOptions {
  /** Such as `/dev/ttyACM0`. */
  readonly path: string;
  /** Default 115200. */
  readonly baud?: number;
  /** Default true: a serial line is a declared trusted link. */
  readonly trusted?: boolean;
}

/** `openStreamLink(options)`: slipmux on a unix or TCP socket (emulators). */
export interface StreamLinkOptions {
  /** Path of a unix socket, or `{host, port}`. */
  readonly to: string | { readonly host: string; readonly port: number };
  /** Whose timing holds (default 115200). */
  readonly baud?: number;
  readonly trusted?: boolean;
  /** Milliseconds until a connection attempt fails (default 2000). */
  readonly connectTimeoutMs?: number;
}

/** `createReconnectingLink(name, open, options)`: keeps one link up, with delays that double. */
export interface ReconnectOptions {
  /** First delay, milliseconds (default 100). */
  readonly firstDelayMs?: number;
  /** Longest delay, milliseconds (default 5000). */
  readonly maxDelayMs?: number;
  /** Of the links it opens. */
  readonly timing: LinkTiming;
  /** Whether the other side may send control requests (default true). */
  readonly trusted?: boolean;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** What happens on the way of a memory link, per direction. All off by default. */
export interface MemoryLinkFaults {
  /** Probabilities in [0, 1] per datagram. */
  readonly loss?: number;
  readonly duplication?: number;
  /** A reordered datagram arrives after the next one. */
  readonly reordering?: number;
  /** Probability per byte that it is lost; the datagrams then travel as slipmux frames. */
  readonly byteLoss?: number;
  /** Bits per second, 10 bits a byte; 0 is instant. */
  readonly baud?: number;
  /** One-way delay, milliseconds. */
  readonly delayMs?: number;
}

/** `createMemoryLinks(options)`: two ends in one process. */
export interface MemoryLinkOptions {
  /** Default: the system's. Its `random` decides the faults. */
  readonly clock?: Clock;
  readonly faults?: MemoryLinkFaults;
  /** Default: a serial line at `faults.baud`, or 115200. */
  readonly timing?: LinkTiming;
  /** Whether each end trusts the other (default true). */
  readonly trusted?: boolean;
}

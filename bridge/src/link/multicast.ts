import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';

/** IANA "All CoAP Nodes" and the port they are asked at (RFC 7252 section 12.8). */
export const allCoapNodes = { group: '224.0.1.187', port: 5_683 } as const;

export interface MulticastOptions {
  /** IPv4 group address. */
  readonly group: string;
  readonly port: number;
  /** Own address of the interface whose datagrams count; `0.0.0.0` for all but loopback. */
  readonly at: string;
  /** Gets each datagram that was sent to the group. */
  readonly receive: (data: Uint8Array, from: { readonly address: string; readonly port: number }) => void;
}

export interface MulticastReceiver {
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * A member of a group. It only receives, since an answer must not come from a group's address, and is bound to that
 * address, so that datagrams to the host itself stay with whoever listens there. Rejects where no interface can join.
 */
export async function openMulticastReceiver(options: MulticastOptions): Promise<MulticastReceiver> {
  const { group, port, at, receive } = options;
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address: group, port });
    await listening;
    for (const address of at === '0.0.0.0' ? outerAddresses() : [at]) socket.addMembership(group, address);
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('message', receive);
  // An interface that goes takes its membership along: nothing is heard there, and that is all.
  socket.on('error', () => undefined);
  let closed: Promise<unknown> | undefined;
  return {
    async close() {
      closed ??= closeSocket(socket);
      await closed;
    },
  };
}

export interface GroupRequestOptions extends Omit<MulticastOptions, 'at'> {
  /** Sent once on every network but loopback. */
  readonly data: Uint8Array;
}

export interface GroupRequest extends MulticastReceiver {
  /** Own addresses it was sent from; none where there is no network. */
  readonly from: readonly string[];
}

/** Asks a group; `receive` gets what comes back until it is closed. A network that lets nothing out is left out. */
export async function openGroupRequest(options: GroupRequestOptions): Promise<GroupRequest> {
  const sockets = new Map<string, Socket>();
  for (const address of outerAddresses()) {
    const socket = await askFrom(address, options).catch(() => undefined);
    if (socket !== undefined) sockets.set(address, socket);
  }
  let closed: Promise<unknown> | undefined;
  return {
    from: [...sockets.keys()],
    async close() {
      closed ??= Promise.all([...sockets.values()].map(closeSocket));
      await closed;
    },
  };
}

async function askFrom(address: string, options: GroupRequestOptions): Promise<Socket> {
  const { group, port, data, receive } = options;
  const socket = createSocket('udp4');
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address, port: 0 });
    await listening;
    socket.setMulticastInterface(address);
    await new Promise<void>((resolve, reject) =>
      socket.send(data, port, group, (error) => (error === null ? resolve() : reject(error))),
    );
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('message', receive);
  socket.on('error', () => undefined);
  return socket;
}

function closeSocket(socket: Socket): Promise<unknown> {
  const closed = once(socket, 'close');
  socket.close();
  return closed;
}

function outerAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}

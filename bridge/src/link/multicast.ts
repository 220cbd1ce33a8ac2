import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';

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
      if (closed === undefined) {
        closed = once(socket, 'close');
        socket.close();
      }
      await closed;
    },
  };
}

function outerAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}

/** Connections on which nothing moves. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** Looks at every connection in the time after which it is idle. */
const looks = 10;

interface Watched {
  /** Bytes that went either way, and how many looks ago that was so already. */
  moved: number;
  still: number;
}

/**
 * Ends connections on which nothing moved for `idleMs`; the result stops that. All of them are looked at now and then: a
 * timer each would be set anew with every request, for more than the look-up of a kept answer costs.
 */
export function endIdleConnections(server: Server, idleMs: number): () => void {
  const connections = new Map<Socket, Watched>();
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections.set(socket, { moved: 0, still: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  const timer = setInterval(() => {
    for (const [socket, watched] of connections) {
      const moved = bytesMoved(socket);
      watched.still = moved === watched.moved ? watched.still + 1 : 0;
      watched.moved = moved;
      if (watched.still >= looks) socket.destroy();
    }
  }, idleMs / looks);
  timer.unref();
  return () => clearInterval(timer);
}

/** What only waits to be written has not moved. */
function bytesMoved({ bytesRead, bytesWritten, writableLength }: Socket): number {
  return bytesRead + bytesWritten - writableLength;
}

/** A board of `coap-board.ts` behind a unix socket, as an emulator offers it. For unit tests only. */
import { createServer, type Socket } from 'node:net';
import { createFramedLink } from '../../bridge/src/link/framed.ts';
import { serialTiming } from '../../bridge/src/link/index.ts';
import { type CoapBoard, type CoapBoardOptions, createCoapBoard } from './coap-board.ts';

export interface SocketBoard {
  /** The board behind the latest connection. */
  board(): CoapBoard | undefined;
  close(): Promise<void>;
}

/** One board for each connection, as a board that was power-cycled has forgotten everything. */
export async function listenSocketBoard(path: string, options?: CoapBoardOptions): Promise<SocketBoard> {
  const sockets = new Set<Socket>();
  let latest: CoapBoard | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    latest = createCoapBoard(linkOf(socket), options);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    board: () => latest,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function linkOf(socket: Socket) {
  const stream = {
    write: (bytes: Uint8Array) => socket.write(bytes),
    start(events: { data(bytes: Uint8Array): void; drained(): void; closed(cause?: Error): void }) {
      socket.on('data', (bytes: Uint8Array) => events.data(bytes));
      socket.on('drain', () => events.drained());
      socket.on('close', () => events.closed());
    },
    async close() {
      socket.destroy();
    },
  };
  return createFramedLink('board', stream, serialTiming(115_200), true);
}

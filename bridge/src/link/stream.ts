import { connect, type Socket } from 'node:net';
import type { StreamLinkOptions } from './adapters.ts';
import { type ByteStream, createFramedLink } from './framed.ts';
import { defaultBaud, type Link, serialTiming } from './link.ts';

const defaultConnectTimeoutMs = 2_000;

/** Slipmux over a unix or TCP socket: the serial port of an emulated board. */
export async function openStreamLink(options: StreamLinkOptions): Promise<Link> {
  const { to } = options;
  const name = typeof to === 'string' ? `unix:${to}` : `tcp:${to.host}:${to.port}`;
  const socket = await connectSocket(options);
  const timing = serialTiming(options.baud ?? defaultBaud);
  return createFramedLink(name, socketStream(socket, name), timing, options.trusted !== false);
}

function connectSocket({ to, connectTimeoutMs }: StreamLinkOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = typeof to === 'string' ? connect({ path: to }) : connect({ ...to, noDelay: true });
    const timer = setTimeout(
      () => fail(new Error('no connection in time')),
      connectTimeoutMs ?? defaultConnectTimeoutMs,
    );
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}

function socketStream(socket: Socket, name: string): ByteStream {
  let cause: Error | undefined;
  let isClosing = false;
  socket.on('error', (error) => {
    cause = error;
  });
  return {
    write: (bytes) => socket.write(bytes),
    start(events) {
      if (socket.destroyed) {
        events.closed(cause ?? new Error(`${name}: the connection is gone`));
        return;
      }
      socket.on('drain', () => events.drained());
      socket.on('close', () =>
        events.closed(isClosing ? undefined : (cause ?? new Error(`${name}: closed by the other side`))),
      );
      socket.on('data', (bytes: Uint8Array) => events.data(bytes));
    },
    close() {
      isClosing = true;
      if (socket.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        socket.once('close', () => resolve());
        socket.destroy();
      });
    },
  };
}

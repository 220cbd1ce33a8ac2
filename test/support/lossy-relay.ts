/** A serial cable between two unix sockets: so many bits per second, and a byte lost now and then. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface RelayOptions {
  /** Path of the socket to listen at. */
  readonly path: string;
  /** Path of the board's socket. */
  readonly to: string;
  readonly baud: number;
  /** One byte in so many is lost, each way; 0: none. */
  readonly lossOneIn: number;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface Relay {
  readonly counters: { readonly passed: number; readonly lost: number };
  close(): Promise<void>;
}

const tickMs = 2;
const bitsPerByte = 10;
/** Bytes that wait in one direction before the sender is held back. */
const highWater = 4096;

export async function openRelay(options: RelayOptions): Promise<Relay> {
  const counters = { passed: 0, lost: 0 };
  const sockets = new Set<Socket>();
  const ends: (() => void)[] = [];

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  }

  const server = createServer((near) => {
    const far = connect(options.to);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.push(join(keep(from), to, options, counters));
      from.on('close', () => to.destroy());
    }
  });
  server.listen(options.path);
  await once(server, 'listening');
  return {
    counters,
    async close() {
      for (const end of ends) end();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Carries one direction; the result stops it. */
function join(
  from: Socket,
  to: Socket,
  { baud, lossOneIn, random }: RelayOptions,
  counters: { passed: number; lost: number },
): () => void {
  let waiting = Buffer.alloc(0);
  let last = performance.now();
  let credit = 0;
  from.on('data', (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    if (waiting.length > highWater) from.pause();
  });
  const timer = setInterval(() => {
    const now = performance.now();
    credit = waiting.length === 0 ? 0 : credit + ((now - last) * baud) / bitsPerByte / 1000;
    last = now;
    const count = Math.min(waiting.length, Math.floor(credit));
    if (count === 0) return;
    credit -= count;
    const kept = waiting.subarray(0, count).filter(() => lossOneIn === 0 || random() * lossOneIn >= 1);
    counters.passed += kept.length;
    counters.lost += count - kept.length;
    waiting = waiting.subarray(count);
    if (waiting.length <= highWater) from.resume();
    to.write(kept);
  }, tickMs);
  return () => clearInterval(timer);
}

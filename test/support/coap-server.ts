/** libcoap's example server, on a free port of loopback. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createCoapContext } from '@radon/bridge/coap';
import { openUdpClient } from '@radon/bridge/link';

export interface CoapServer {
  /** Such as `coap://127.0.0.1:40123`. */
  readonly base: string;
  readonly authority: string;
  close(): Promise<void>;
}

export async function startCoapServer(): Promise<CoapServer> {
  const port = await freePort();
  const child = spawn('coap-server-notls', ['-A', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const ended = once(child, 'close');
  await answers(port);
  const authority = `127.0.0.1:${port}`;
  return {
    base: `coap://${authority}`,
    authority,
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The server takes no port 0, so one is found for it. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** A ping is repeated until the server is there. */
async function answers(port: number): Promise<void> {
  const client = createCoapContext(await openUdpClient({ host: '127.0.0.1', port }));
  try {
    await client.ping({ signal: AbortSignal.timeout(20_000) });
  } finally {
    await client.close();
  }
}

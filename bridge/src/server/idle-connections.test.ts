import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectSecurely } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { endIdleConnections } from './idle-connections.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const idleMs = 200;
const tlsFile = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../test/support/tls/first.${name}.pem`, import.meta.url)));

async function open(server: Server): Promise<number> {
  const stop = endIdleConnections(server, idleMs);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    stop,
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return (server.address() as AddressInfo).port;
}

/** How long a connection lasts, milliseconds; undefined while it does after three times `idleMs`. */
async function lasts(socket: Socket): Promise<number | undefined> {
  const began = performance.now();
  socket.on('error', () => {}).resume();
  closers.push(() => socket.destroy());
  const closed = new Promise<number>((resolve) =>
    socket.once('close', () => resolve(performance.now() - began)),
  );
  return Promise.race([closed, sleep(3 * idleMs, undefined, { ref: false })]);
}

const silent = () => createServer(() => undefined);

test.each([
  ['HTTP', silent, (port: number) => connect(port, '127.0.0.1')],
  [
    'HTTPS',
    () => createSecureServer({ cert: tlsFile('cert'), key: tlsFile('key') }, () => undefined),
    (port: number) => connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false }),
  ],
])('a connection on which nothing moves is ended: %s', async (_, create, dial) => {
  const socket = dial(await open(create()));
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  expect(await lasts(socket)).toBeGreaterThan(idleMs / 2);
});

test('one on which little moves, either way, is not', async () => {
  const port = await open(
    createServer((_request, response) => {
      const timer = setInterval(() => response.write('.'), idleMs / 4);
      response.once('close', () => clearInterval(timer));
    }),
  );
  const [reader, writer] = [connect(port, '127.0.0.1'), connect(await open(silent()), '127.0.0.1')];
  reader.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  writer.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n');
  const timer = setInterval(() => writer.write('.'), idleMs / 4);
  closers.push(() => clearInterval(timer));
  expect(await Promise.all([lasts(reader), lasts(writer)])).toEqual([undefined, undefined]);
});

test('what waits for a client that does not read has not moved', async () => {
  const port = await open(
    createServer((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(4 << 20)), idleMs / 4);
      response.once('close', () => clearInterval(timer));
    }),
  );
  const socket = connect(port, '127.0.0.1').pause();
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  const closed = new Promise((resolve) => socket.once('close', resolve).once('error', resolve));
  await sleep(4 * idleMs);
  socket.resume();
  await closed;
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHttpTarget } from './http-target.ts';

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let base: string;
let sockets: Set<Socket>;
const listener: RequestListener = (request, response) => answer(request, response);
let server: ReturnType<typeof createServer>;
beforeEach(async () => {
  sockets = new Set();
  server = createServer(listener);
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const never = new AbortController().signal;
const plain = { headers: [] };

describe('a client of an HTTP target', () => {
  it('sends what is asked for on one kept connection, and tells code, error and size of the answer', async () => {
    const seen: unknown[] = [];
    answer = async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { accept, 'content-type': type, 'x-trace': trace } = request.headers;
      seen.push([request.method, request.url, accept, type, trace, Buffer.concat(chunks).toString()]);
      response.statusCode = seen.length === 2 ? 503 : 201;
      response.end('hello');
    };
    const options = { data: '{}', format: 50, accept: 60, headers: [['x-trace', '7']] as const };
    const target = openHttpTarget(`${base}/a%20b?c=d`, options);
    const client = await target.connect(0);
    const answered = { bytes: 5, retransmissions: 0 };
    expect(await client.request(never)).toEqual({ code: '201', isError: false, ...answered });
    expect(await client.request(never)).toEqual({ code: '503', isError: true, ...answered });
    expect(await client.request(never)).toEqual({ code: '201', isError: false, ...answered });
    expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify(['POST', '/a%20b?c=d', 'application/cbor', 'application/json', '7', '{}'])]),
    );
    expect(sockets.size).toBe(1);
    expect(target.ports).toBeUndefined();
    await client.close();
  });

  it('goes on with a new connection when an answer is not waited for any more', async () => {
    const held: ServerResponse[] = [];
    answer = (_request, response) => held.push(response);
    const client = await openHttpTarget(base, plain).connect(0);
    const patience = new AbortController();
    const request = client.request(patience.signal);
    await expect.poll(() => held.length).toBe(1);
    patience.abort();
    expect(await request).toEqual({ isError: true, bytes: 0, retransmissions: 0 });
    answer = (_request, response) => response.end();
    expect(await client.request(never)).toMatchObject({ code: '200' });
    expect(sockets.size).toBe(2);
    await client.close();
  });

  it('tells a connection that breaks, and goes on with another', async () => {
    answer = (request) => request.socket.destroy();
    const client = await openHttpTarget(base, plain).connect(0);
    expect(await client.request(never)).toMatchObject({ failure: 'ECONNRESET', isError: true });
    answer = (_request, response) => response.writeHead(204).end();
    expect(await client.request(never)).toMatchObject({ code: '204', isError: false });
    await client.close();
  });

  it('tells that nobody listens any more', async () => {
    const client = await openHttpTarget('http://127.0.0.1:1/', plain).connect(0);
    expect(await client.request(never)).toMatchObject({ failure: 'ECONNREFUSED' });
    await client.close();
  });
});

describe('an HTTP target', () => {
  it('is asked for a connection before many wait for one', async () => {
    await openHttpTarget(base, plain).checkAnswers(never);
    await expect(openHttpTarget('http://127.0.0.1:1/', plain).checkAnswers(never)).rejects.toMatchObject({
      message: '127.0.0.1:1 does not answer.',
      exitCode: 3,
    });
    await expect(openHttpTarget(base, plain).checkAnswers(AbortSignal.abort())).rejects.toThrow();
  });

  it.each([
    ['http://', {}],
    ['http://user:secret@127.0.0.1/', {}],
    ['http://127.0.0.1/#top', {}],
    ['http://127.0.0.1/', { method: 'CONNECT' }],
    ['http://127.0.0.1/', { method: 'GET /x' }],
  ])('is refused: %s %j', (uri, options) => {
    expect(() => openHttpTarget(uri, { ...plain, ...options })).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.not.stringContaining('secret') }),
    );
  });
});

import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createScriptedNode, response, type ScriptedNode } from '../../../test/support/scripted-node.ts';
import type { AuditEntry } from '../access/index.ts';
import { encodeFields } from '../fields/index.ts';
import { createHttpHandler } from '../http/handler.ts';
import { RadonError } from '../problem/error.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { type HttpServer, openHttpServer } from './http-server.ts';

const messages = { request: async () => response(0x44) };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Options {
  readonly maxBody?: number;
  readonly requestTimeoutMs?: number;
  readonly keepAliveMs?: number;
  readonly onChange?: (entry: AuditEntry) => void;
}

async function open(
  answer: (request: NodeRequest) => NodeResponse | Promise<NodeResponse>,
  options: Options = {},
) {
  const registry = createRegistry();
  const node: ScriptedNode = createScriptedNode('gauge-1', answer);
  registry.add(node);
  const handler = createHttpHandler({ registry, messages, ...options });
  const server: HttpServer = await openHttpServer({ handler, host: '127.0.0.1', port: 0, ...options });
  closers.push(
    () => server.close(),
    () => registry.close(),
  );
  return { node, registry, server, url: `http://127.0.0.1:${server.port}` };
}

/** Sends bytes as they are and resolves with all that comes back until the server closes. */
function sendRaw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('end', () => resolve(received));
    socket.on('error', reject);
  });
}

const ok = () => response(0x45, 'fine', 0);

describe('requests over a socket', () => {
  test('a body reaches the node whole, whatever its type', async () => {
    const { node, url } = await open(() => response(0x44));
    const body = new Uint8Array(70_000).fill(1);
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await fetch(`${url}/nodes/gauge-1/images/00`, { method: 'PUT', headers, body })).status).toBe(
      204,
    );
    expect(Buffer.from(node.requests[0]?.payload ?? []).equals(body)).toBe(true);
    await fetch(`${url}/nodes/gauge-1/a/x`, { method: 'POST', body: Buffer.from('no type') });
    expect(node.requests[1]).toMatchObject({ contentFormat: undefined, payload: Buffer.from('no type') });
  });

  describe('a body of several blocks', () => {
    const block = (letter: string) => response(0x45, letter.repeat(16), 0);
    const rest = () => {
      const waiting: { end?: (answer: NodeResponse) => void; fail?: (error: Error) => void } = {};
      const whole = new Promise<NodeResponse>((resolve, reject) => {
        waiting.end = resolve;
        waiting.fail = reject;
      });
      return { whole, ...waiting };
    };

    test('is sent on as it comes', async () => {
      const { whole, end } = rest();
      const { node, url } = await open((request) => {
        request.onPart?.(block('a'), 0);
        return whole;
      });
      const reply = await fetch(`${url}/nodes/gauge-1/log`);
      const reader = reply.body?.getReader();
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('a'.repeat(16));
      node.requests[0]?.onPart?.(block('b'), 16);
      end?.(response(0x45, 'a'.repeat(16) + 'b'.repeat(16), 0));
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('b'.repeat(16));
      expect((await reader?.read())?.done).toBe(true);
      expect(reply.headers.get('content-length')).toBeNull();
    });

    test.each<[string, (node: ScriptedNode, ends: ReturnType<typeof rest>) => void]>([
      ['fails', (_node, { fail }) => fail?.(new RadonError('NODE_UNREACHABLE', { name: 'gauge-1' }))],
      ['becomes an error', (_node, { end }) => end?.(response(0x84))],
      ['begins anew', (node) => node.requests[0]?.onPart?.(block('x'), 0)],
      ['ends elsewhere', (_node, { end }) => end?.(response(0x45, 'other', 0))],
    ])('whose rest %s is cut off', async (_, goOn) => {
      const ends = rest();
      const { node, url } = await open((request) => {
        request.onPart?.(block('a'), 0);
        return ends.whole;
      });
      const reply = await fetch(`${url}/nodes/gauge-1/log`);
      goOn(node, ends);
      await expect(reply.text()).rejects.toThrow();
    });

    test('that must be converted is sent whole, and so is the answer to HEAD', async () => {
      const document = encodeFields({ name: 'gauge-1', uptimeMs: 5 });
      const { url, node } = await open((request) => {
        request.onPart?.(response(0x45, document.subarray(0, 4), 60), 0);
        return response(0x45, document, 60);
      });
      expect(await (await fetch(`${url}/nodes/gauge-1/node`)).json()).toEqual({
        name: 'gauge-1',
        uptimeMs: 5,
      });
      const head = await fetch(`${url}/nodes/gauge-1/node`, { method: 'HEAD' });
      expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
      expect(node.requests.at(-1)?.onPart).toBeUndefined();
    });
  });

  test('QUERY has a body', async () => {
    const { node, url } = await open(ok);
    const headers = { 'content-type': 'text/plain' };
    const reply = await fetch(`${url}/nodes/gauge-1/a`, { method: 'QUERY', headers, body: 'last' });
    expect(await reply.text()).toBe('fine');
    expect(node.requests[0]).toMatchObject({ method: 5, contentFormat: 0, payload: Buffer.from('last') });
  });

  test('HEAD has the head of GET', async () => {
    const { url } = await open(ok);
    const reply = await fetch(`${url}/nodes/gauge-1/a`, { method: 'HEAD' });
    expect(reply.headers.get('content-length')).toBe('4');
    expect(await reply.text()).toBe('');
  });

  test.each([false, true])(
    'a reply that cannot be sent ends its connection and no more (late: %s)',
    async (isLate) => {
      const errors: unknown[] = [];
      const bad = { status: 200, headers: { 'x-bad': '€' }, body: '' };
      const good = { status: 200, headers: {}, body: 'fine' };
      const server = await openHttpServer({
        handler({ target }) {
          const reply = target === '/bad' ? bad : good;
          return isLate ? Promise.resolve(reply) : reply;
        },
        host: '127.0.0.1',
        port: 0,
        onError: (error) => errors.push(error),
      });
      closers.push(() => server.close());
      const url = `http://127.0.0.1:${server.port}`;
      await expect(fetch(`${url}/bad`)).rejects.toThrow();
      expect(errors).toMatchObject([{ code: 'ERR_INVALID_CHAR' }]);
      expect(await (await fetch(`${url}/good`)).text()).toBe('fine');
    },
  );

  test.each([
    ['text', 0],
    ['bytes', 30],
  ])('a large body comes whole, be it read slowly: %s', async (kind, pauseMs) => {
    const text = 'öx'.repeat(2 << 20);
    const body = kind === 'text' ? text : new TextEncoder().encode(text);
    const handler = () => ({ status: 200, headers: {}, body });
    const server = await openHttpServer({ handler, host: '127.0.0.1', port: 0, idleMs: 1_500 });
    closers.push(() => server.close());
    const received = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(server.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        socket.pause();
        setTimeout(() => socket.resume(), pauseMs);
      });
      socket.once('end', () => resolve(Buffer.concat(chunks))).once('error', reject);
    });
    const at = received.indexOf('\r\n\r\n') + 4;
    expect(received.subarray(0, at).toString()).toContain(`content-length: ${Buffer.byteLength(text)}`);
    expect(received.subarray(at).equals(Buffer.from(text))).toBe(true);
  });

  test('a body over the limit is 413 and the node is not asked', async () => {
    const { node, url } = await open(ok, { maxBody: 1000 });
    const reply = await fetch(`${url}/nodes/gauge-1/a`, { method: 'PUT', body: 'x'.repeat(1001) });
    expect(reply.status).toBe(413);
    expect(await reply.json()).toMatchObject({ title: 'TOO_LARGE', details: { limit: 1000 } });
    expect(node.requests).toEqual([]);
  });

  test.each([
    [
      'a malformed escape',
      'GET /nodes/gauge-1/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
    ],
    [
      'dot segments',
      'GET /nodes/gauge-1/../node HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
    ],
    [
      'an absolute target of another host',
      'GET http://evil.example/nodes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      421,
    ],
    [
      'an absolute target of another scheme',
      'GET coap://localhost/nodes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
    ],
    ['a foreign host', 'GET /nodes HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 421],
    [
      'a malformed escape for a foreign host',
      'GET /%zz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      421,
    ],
    ['no host', 'GET /nodes HTTP/1.0\r\n\r\n', 400],
    ['no host in HTTP/1.1', 'GET /nodes HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [
      'two hosts',
      'GET /nodes HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\nConnection: close\r\n\r\n',
      400,
    ],
    [
      'an unknown expectation',
      'GET /nodes HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\nConnection: close\r\n\r\n',
      417,
    ],
    ['a tunnel', 'CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n', 405],
    [
      'a QUERY where there is none',
      'QUERY /nodes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      405,
    ],
    [
      'a method nodes lack',
      'PROPFIND /nodes/gauge-1/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      405,
    ],
    ['a method that is none', 'BREW /nodes HTTP/1.1\r\nHost: localhost\r\n\r\n', 501],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['no HTTP after a word', 'hello /nodes SIP/2.0\r\n\r\n', 400],
    [
      'a type that is none',
      'PUT /nodes/gauge-1/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ;;\r\nContent-Length: 1\r\n\r\nx',
      415,
    ],
    ['a huge head', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST /nodes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('%s', async (_, request, status) => {
    const { server, url, node } = await open(ok);
    const received = await sendRaw(server.port, request);
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(received).toMatch(/content-type: application\/problem\+json/i);
    expect(received).toContain(`"status":${status}`);
    expect(node.requests).toEqual([]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('who asks for a tunnel and is gone harms nobody', async () => {
    const { server, url } = await open(ok);
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write('CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\nmore');
        socket.resetAndDestroy();
      });
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('an absolute target counts in place of Host', async () => {
    const { server } = await open(ok);
    const request = (target: string) =>
      sendRaw(server.port, `GET ${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    expect(await request('HTTP://localhost/nodes/gauge-1/a')).toMatch(/^HTTP\/1.1 200 [\s\S]*fine$/);
    expect(await request('http://localhost?x')).toMatch(/^HTTP\/1.1 200 [\s\S]*<html/);
  });

  test('no header is lost among many', async () => {
    const { server, node } = await open(ok);
    const many = 'x:\r\n'.repeat(2_500);
    const request = `PUT /nodes/gauge-1/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${many}If-Match: "00"\r\n\r\n`;
    expect(await sendRaw(server.port, request)).toMatch(/^HTTP\/1.1 200 /);
    expect(node.requests[0]?.ifMatch).toEqual([Uint8Array.of(0)]);
  });

  test('a body is asked for only from those who may send it', async () => {
    const { server } = await open(ok, { maxBody: 5 });
    const expecting = (path: string, length: number, host = 'localhost') =>
      sendRaw(
        server.port,
        `PUT ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nhello`,
      );
    expect(await expecting('/nodes/gauge-1/a', 5)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
    expect(await expecting('/nodes/gauge-1/a', 6)).toMatch(/^HTTP\/1.1 413 /);
    expect(await expecting('/nodes', 5)).toMatch(/^HTTP\/1.1 405 /);
    const session =
      'DELETE /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n';
    expect(await sendRaw(server.port, `${session}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 204 /);
    expect(await expecting('/nodes/gauge-1/a', 5, 'evil.example')).toMatch(/^HTTP\/1.1 421 /);
  });

  test('a body in chunks is over the limit when it is, and what was refused is told', async () => {
    const changes: AuditEntry[] = [];
    const onChange = (entry: AuditEntry) => void changes.push(entry);
    const { server } = await open(ok, { maxBody: 5, onChange });
    const head = 'PUT /nodes/gauge-1/a HTTP/1.1\r\nHost: localhost\r\n';
    const chunked = `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`;
    expect(await sendRaw(server.port, `${chunked}3\r\ndef\r\n`)).toMatch(/^HTTP\/1.1 413 /);
    expect(await sendRaw(server.port, `${chunked}2\r\nde\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
    const cut = connect(server.port, '127.0.0.1', () =>
      cut.end(`${head}Content-Length: 5\r\n\r\nabc`, () => cut.destroy()),
    );
    await expect.poll(() => changes.map(({ status }) => status)).toEqual([413, 200, 400]);
  });

  test('requests wait behind one another, but not without end', async () => {
    const { server, url } = await open(ok);
    const requests = (count: number) =>
      `${'GET /nodes/gauge-1/a HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(count - 1)}GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    const answered = async (count: number) =>
      (await sendRaw(server.port, requests(count))).split('HTTP/1.1 200 OK').length - 1;
    expect(await answered(17)).toBe(17);
    expect(await answered(18)).toBe(0);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('a body that never ends is cut off', async () => {
    const { server, node } = await open(ok, { requestTimeoutMs: 200 });
    const head = 'PUT /nodes/gauge-1/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc';
    expect(await sendRaw(server.port, head)).toMatch(/^HTTP\/1.1 408 [\s\S]*"status":408/);
    expect(node.requests).toEqual([]);
  });

  test('a busy port is followed by the next one', async () => {
    const first = await open(ok);
    const registry = createRegistry();
    const handler = createHttpHandler({ registry, messages });
    const second = await openHttpServer({ handler, host: '127.0.0.1', port: first.server.port });
    closers.push(() => second.close());
    expect(second.port).toBeGreaterThan(first.server.port);
  });
});

describe('event streams', () => {
  const value = (text: string) => response(0x45, text, 50);
  const accept = { accept: 'text/event-stream' };

  /** The stream as text, and a way to wait for some of it. */
  async function openStream(url: string, headers: Record<string, string> = accept) {
    const controller = new AbortController();
    const reply = await fetch(url, { headers, signal: controller.signal });
    let received = '';
    const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
    const until = async (text: string) => {
      while (!received.includes(text)) {
        const chunk = await reader?.read();
        if (chunk?.value === undefined) throw new Error(`the stream ended without ${text}: ${received}`);
        received += chunk.value;
      }
      return received;
    };
    return { reply, until, close: () => controller.abort() };
  }

  test('values come as one line of JSON with growing ids, loss and return as events', async () => {
    const { node, url } = await open(() => value('{"v":\n1}'));
    const stream = await openStream(`${url}/nodes/gauge-1/a/rain/level`);
    expect(stream.reply.headers.get('content-type')).toBe('text/event-stream');
    await stream.until('id: 1\ndata: {"v": 1}\n\n');
    node.notify(value('2'));
    await stream.until('id: 2\ndata: 2\n\n');
    node.setLink('lost');
    await stream.until('event: lost\ndata: {}\n\n');
    node.setLink('up');
    node.notify(value('3'));
    expect(await stream.until('data: 3\n\n')).toContain('event: back\ndata: {}\n\nid: 3\n');
    stream.close();
  });

  test('text is a JSON string, other formats carry their number', async () => {
    const { node, url } = await open(() => response(0x45, 'a "b"', 0));
    const stream = await openStream(`${url}/nodes/gauge-1/log`);
    await stream.until('data: "a \\"b\\""\n\n');
    node.notify(response(0x45, Uint8Array.of(1, 2), 42));
    await stream.until('data: {"ct":42,"base64":"AQI="}\n\n');
    node.notify(response(0x45, Uint8Array.of(0xff), 60));
    await stream.until('data: {"ct":60,"base64":"/w=="}\n\n');
    stream.close();
  });

  test('many listeners share one observation, the last one closes it', async () => {
    const { node, url, registry } = await open(() => value('1'));
    const target = `${url}/nodes/gauge-1/a/rain/level`;
    const streams = await Promise.all([openStream(target), openStream(target), openStream(target)]);
    for (const stream of streams) await stream.until('data: 1\n\n');
    expect(node.observers).toHaveLength(1);
    const other = await openStream(target, { accept: 'text/event-stream, application/senml+json' });
    await other.until('data: 1');
    expect(node.observers.map(({ request }) => request.accept)).toEqual([undefined, 110]);
    for (const stream of [...streams, other]) stream.close();
    await expect.poll(() => registry.observations.size).toBe(0);
    expect(node.observers).toEqual([]);
  });

  test('a client that comes back gets the latest value at once, whatever it saw last', async () => {
    const { node, url } = await open(() => value('1'));
    const target = `${url}/nodes/gauge-1/a/x`;
    const first = await openStream(target);
    await first.until('id: 1\ndata: 1\n\n');
    node.notify(value('2'));
    await first.until('data: 2');
    const second = await openStream(target, { ...accept, 'last-event-id': '1' });
    await second.until('id: 3\ndata: 2\n\n');
    for (const stream of [first, second]) stream.close();
  });

  test('a resource that is not there answers as a GET would', async () => {
    const { url, node } = await open(() => response(0x84));
    const reply = await fetch(`${url}/nodes/gauge-1/a/none`, { headers: accept });
    expect(reply.status).toBe(404);
    expect(await reply.json()).toMatchObject({ title: '4.04' });
    expect(node.observers).toEqual([]);
  });

  test('an end from the node is the last event', async () => {
    const { url, node } = await open(() => value('1'));
    const stream = await openStream(`${url}/nodes/gauge-1/a/x`);
    await stream.until('data: 1\n\n');
    node.observers[0]?.listener.end(response(0x84));
    await stream.until('event: end\ndata: {"title":"NODE_REFUSED"');
    await expect(stream.until('never')).rejects.toThrow('the stream ended');
  });

  test('the states of the nodes are a stream too', async () => {
    const { node, url } = await open(() => value('1'));
    const stream = await openStream(`${url}/nodes`);
    await stream.until('"name":"gauge-1","kind":"device","link":"up"');
    node.setLink('lost', 'no answer');
    await stream.until('"link":"lost","address":"memory","since":1,"lastError":"no answer"');
    stream.close();
  });

  test('a comment keeps a quiet stream alive', async () => {
    const { url } = await open(() => value('1'), { keepAliveMs: 20 });
    const stream = await openStream(`${url}/nodes/gauge-1/a/x`);
    await stream.until('\n\n:\n\n:\n\n');
    stream.close();
  });

  test('a slow listener gets the newest value and is told how many it missed', async () => {
    const { server, node } = await open(() => value('"first"'));
    const socket = connect(server.port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
    });
    socket.write('GET /nodes/gauge-1/a/x HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    await expect.poll(() => received).toContain('"first"');
    socket.pause();
    const large = 'x'.repeat(60_000);
    for (let count = 0; count < 400; count += 1) node.notify(value(`"${count} ${large}"`));
    node.notify(value('"newest"'));
    socket.resume();
    await expect.poll(() => received, { timeout: 5_000 }).toContain('"newest"');
    expect(received).toMatch(/: \d+ older values left out\n/);
    expect(received.length).toBeLessThan(400 * large.length);
    socket.destroy();
  });

  test('closing the server ends its streams', async () => {
    const { url, server } = await open(() => value('1'));
    const stream = await openStream(`${url}/nodes/gauge-1/a/x`);
    await stream.until('data: 1');
    await server.close();
    await expect(stream.until('never')).rejects.toThrow();
  });
});

/** Clients that mean harm, against the bridge as it is started: each is refused, nobody else waits, memory has an end. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openScratch, type RunningCommand, type Scratch } from '../cli/command.ts';
import { within } from '../support/deadline.ts';
import { type HttpPeer, openHttpPeer } from '../support/http-client.ts';

let project: Scratch;
let bridge: RunningCommand;
let http: HttpPeer;
let port: number;
let token: string;
const bearer = () => ({ authorization: `Bearer ${token}` });
const sockets: Socket[] = [];

beforeAll(async () => {
  project = openScratch();
  bridge = project.start('bridge', '--port', '0', '--coap-port', '0', '--require-token', '--rate-limit', '0');
  const [url, digits] = await bridge.until(/http:\/\/127\.0\.0\.1:(\d+)/);
  [, token = ''] = await bridge.until(/^token (\S+)$/m);
  port = Number(digits);
  http = openHttpPeer(url);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  http?.close();
  await project?.close();
});

const statusLines = (received: string) => received.match(/HTTP\/1\.1 \d{3}/g);

/** A connection that has sent this and reads nothing. */
function hold(bytes: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, () => resolve(socket)));
    socket.pause();
    socket.on('error', reject);
    sockets.push(socket);
  });
}

async function isServed(): Promise<boolean> {
  const { status } = await within('an answer', 2_000, http.ask('/nodes', { headers: bearer() }));
  return status === 200;
}

const head = 'Host: 127.0.0.1\r\n';
const auditLog = () => readFileSync(join(project.folder, '.radon', 'audit.log'), 'utf8');

describe('one at a time', () => {
  it.each([
    [
      'a length beside chunks',
      `POST /m/x HTTP/1.1\r\n${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['two lengths', `POST /m/x HTTP/1.1\r\n${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`, 400],
    ['a folded header', `GET /nodes HTTP/1.1\r\n${head}X: a\r\n b\r\n\r\n`, 400],
    ['an end of line that is half', `GET /nodes HTTP/1.1\n${head}\r\n`, 400],
    ['a null in a header', `GET /nodes HTTP/1.1\r\n${head}X: a\0b\r\n\r\n`, 400],
    ['a header bomb', `GET /nodes HTTP/1.1\r\n${head}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a target bomb', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${head}\r\n`, 431],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n', 400],
    ['a tunnel', `CONNECT 127.0.0.1:22 HTTP/1.1\r\n${head}\r\n`, 405],
    ['an overlong dot', `GET /nodes/%c0%ae%c0%ae HTTP/1.1\r\n${head}Connection: close\r\n\r\n`, 401],
    ['a foreign host', 'GET /%zz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 421],
  ])('%s is a problem document', async (_, bytes, status) => {
    const answer = await http.raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
    expect(answer).toContain(`"status":${status}`);
    expect(await isServed()).toBe(true);
  });

  it('a chunk without a size is one problem document, be it wanted or not', async () => {
    const post = (authorization = 'Bearer x') =>
      http.raw(
        `POST /m/x HTTP/1.1\r\n${head}Authorization: ${authorization}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      );
    expect(statusLines(await post())).toEqual(['HTTP/1.1 401']);
    expect(statusLines(await post(bearer().authorization))).toEqual(['HTTP/1.1 400']);
    expect(await isServed()).toBe(true);
  });

  it('a body that is refused is not read, and its refusal is written down', async () => {
    const request = `PUT /nodes/bridge/io/rain0 HTTP/1.1\r\n${head}Content-Length: 900000\r\nExpect: 100-continue\r\n`;
    expect(await http.raw(`${request}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 401 /);
    const huge = request.replace('900000', '9000000');
    const { authorization } = bearer();
    expect(await http.raw(`${huge}Authorization: ${authorization}\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 413 /,
    );
    const lines = auditLog().trimEnd().split('\n');
    const told = lines.map((line) => JSON.parse(line) as { readonly status: number; readonly who?: string });
    expect(told.slice(-2)).toEqual([
      expect.objectContaining({ status: 401 }),
      expect.objectContaining({ status: 413, who: 'bridge' }),
    ]);
    expect(told.at(-2)?.who).toBeUndefined();
  });

  it('a token never gets into a log', async () => {
    await http.ask(`/nodes/bridge/io/rain0?token=${token}`, { method: 'PUT', body: '1' });
    expect(auditLog()).not.toContain(token);
  });

  it('a session is a cookie that scripts and other sites do not have', async () => {
    const opened = await http.ask('/session', { method: 'POST', headers: bearer() });
    const [cookie = ''] = [opened.headers['set-cookie'] ?? ''].flat();
    expect(cookie).toMatch(/^radon-session=[\w-]{32}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    const own = { cookie: cookie.split(';', 1)[0] ?? '' };
    expect((await http.ask('/nodes', { headers: own })).status).toBe(200);
    for (const from of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'same-site' }]) {
      const forged = await http.ask('/m/x', { method: 'POST', headers: { ...own, ...from } });
      expect([forged.status, forged.title]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    }
    await http.ask('/session', { method: 'DELETE', headers: own });
    expect((await http.ask('/nodes', { headers: own })).status).toBe(401);
  });

  it('the dashboard runs nothing of elsewhere', async () => {
    const { headers } = await http.ask('/');
    expect(headers['content-security-policy']).toMatch(/^default-src 'self'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|data:|https?:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('many at once', () => {
  const megabytes = () => {
    const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${bridge.process.pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  };

  it('that ask and never read end or fill little', async () => {
    const before = megabytes();
    const asked = `GET /dashboard/uplot.js HTTP/1.1\r\n${head}\r\n`.repeat(200);
    for (let count = 0; count < 40; count += 1) await hold(asked).catch(() => undefined);
    expect(await isServed()).toBe(true);
    expect(megabytes() - before).toBeLessThan(150);
  });

  it('that send slowly hold up nobody', async () => {
    const begun = [
      '',
      'GET /no',
      `GET /nodes HTTP/1.1\r\n${head}X: `,
      `POST /m/x HTTP/1.1\r\n${head}Authorization: Bearer ${token}\r\nContent-Length: 1000\r\n\r\nx`,
    ];
    for (let count = 0; count < 100; count += 1) for (const bytes of begun) await hold(bytes);
    expect(await isServed()).toBe(true);
  });

  it('that send bodies without a token keep nothing here', async () => {
    const before = megabytes();
    // 200 MiB in all; what was read and let go may not be free yet.
    const body = 'x'.repeat(512 * 1024);
    for (let count = 0; count < 400; count += 1)
      await hold(`PUT /nodes/bridge/io/rain0 HTTP/1.1\r\n${head}Content-Length: 1048576\r\n\r\n${body}`);
    expect(await isServed()).toBe(true);
    expect(megabytes() - before).toBeLessThan(120);
  });
});

describe('over /live', () => {
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);

  it.each([
    ['nested without end', `{"request":1,"path":"/m/x","method":"POST","body":${deep}}`, 1005],
    ['too long', `"${'x'.repeat(65_536)}"`, 1009],
    ['no message', '{"__proto__":{"subscribe":1}}', 1005],
    ['bytes', Buffer.from([1]), 1003],
  ])('what is %s ends the connection and nothing else', async (_, message, code) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: bearer() });
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.once('open', () => socket.send(message));
    expect(await within('its end', 5_000, closed)).toBe(code);
    expect(await isServed()).toBe(true);
  });

  it.each([
    [{ origin: 'http://evil.example' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ authorization: 'Bearer guess' }, 401],
    [{ host: 'evil.example' }, 421],
  ])('who comes with %j is refused', async (headers, status) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: { ...bearer(), ...headers } });
    socket.on('error', () => undefined);
    const refused = new Promise((resolve) =>
      socket.once('unexpected-response', (_, reply) => resolve(reply.statusCode)),
    );
    expect(await within('its refusal', 5_000, refused)).toBe(status);
    socket.terminate();
  });
});

it('nothing of all this is a fault of the bridge', () => {
  expect(bridge.text()).not.toMatch(/Error|Warning|at .*\.[jt]s:/);
});

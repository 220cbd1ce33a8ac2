import { describe, expect, test } from 'vitest';
import { createScriptedNode, response, type ScriptedNode } from '../../../test/support/scripted-node.ts';
import { createAccess } from '../access/index.ts';
import { encodeFields } from '../fields/index.ts';
import { encodeProblem, problemReply, RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, UpstreamRequest } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { encodeSenmlCbor } from '../senml/index.ts';
import { createHttpHandler, type HttpHandlerOptions } from './handler.ts';
import type { HttpReply } from './message.ts';

const text = (bytes: Uint8Array | string) =>
  typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

function setUp(answer: (request: NodeRequest) => NodeResponse, options: Partial<HttpHandlerOptions> = {}) {
  const registry = createRegistry();
  const node: ScriptedNode = createScriptedNode('gauge-1', answer);
  registry.add(node);
  const errors: unknown[] = [];
  const sent: UpstreamRequest[] = [];
  const messages: HttpHandlerOptions['messages'] = {
    async request(request) {
      sent.push(request);
      return response(0x44);
    },
  };
  const onError = (error: unknown) => errors.push(error);
  const handle = createHttpHandler({ registry, messages, onError, ...options });
  const send = async (
    target: string,
    { method = 'GET', headers = {}, body = '' }: Sent = {},
  ): Promise<HttpReply> =>
    handle({
      method,
      target,
      headers: { host: '127.0.0.1:8080', ...headers },
      body: typeof body === 'string' ? bytes(body) : body,
      signal: new AbortController().signal,
    });
  const problem = async (target: string, sent: Sent = {}) => {
    const reply = await send(target, sent);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    const document = JSON.parse(text(reply.body)) as Record<string, unknown>;
    expect(document.status).toBe(reply.status);
    return document;
  };
  const last = () => node.requests.at(-1);
  return { registry, node, send, problem, last, errors, sent };
}

const ok = () => response(0x45, 'fine', 0);
/** Asks for tokens, knows one. */
const access = createAccess({ tokens: { list: () => [] }, ownToken: 'secret' });

describe('messages', () => {
  test.each<[string, readonly string[]]>([
    ['/m/rain', ['m', 'rain']],
    ['/m/rain%7E2', ['m', 'rain~2']],
    ['/m/gauge-1/rain~2', ['m', 'gauge-1', 'rain~2']],
  ])('POST %s sends the body', async (target, path) => {
    const { send, sent } = setUp(ok);
    const headers = { 'content-type': 'application/octet-stream' };
    expect(await send(target, { method: 'POST', body: 'wet', headers })).toMatchObject({ status: 204 });
    expect(sent).toEqual([{ method: 2, path, query: [], payload: bytes('wet'), contentFormat: 42 }]);
  });

  test.each([
    ['INBOX_FULL', 503, '1'],
    ['NODE_LOST', 503, '1'],
    ['NO_SUCH_ATOM', 404, undefined],
    ['HOP_LIMIT', 508, undefined],
  ] as const)('an answer %s is %i', async (code, status, retryAfter) => {
    const messages = { request: async () => problemReply(new RadonError(code, { name: 'rain' })) };
    const { send } = setUp(ok, { messages });
    const reply = await send('/m/rain', { method: 'POST' });
    expect(reply.status).toBe(status);
    expect(reply.headers['retry-after']).toBe(retryAfter);
    expect(JSON.parse(text(reply.body))).toMatchObject({ title: code });
  });

  test('are posted only, and by nobody in the name of an atom', async () => {
    const { problem, send, sent, node } = setUp(ok);
    expect(await problem('/m/rain')).toMatchObject({ status: 405, title: 'METHOD_NOT_ALLOWED' });
    expect((await send('/m/rain', { method: 'OPTIONS' })).headers.allow).toBe('POST, OPTIONS');
    const headers = { 'content-type': 'application/coap-payload;cf=65000' };
    const forged = await problem('/nodes/gauge-1/m/rain', { method: 'POST', headers, body: 'x' });
    expect(forged).toMatchObject({ status: 403, title: 'FORBIDDEN_HERE' });
    expect([sent, node.requests]).toEqual([[], []]);
  });
});

describe('paths', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['/nodes/gauge-1/a/rain/level', ['a', 'rain', 'level'], []],
    ['/nodes/gauge-1/a/x%2Fy/%C3%A4', ['a', 'x/y', 'ä'], []],
    ['/nodes/gauge-1/a//b', ['a', '', 'b'], []],
    ['/nodes/gauge-1/', [], []],
    ['/nodes/gauge-1/a?x=1&y=%26&plus=+', ['a'], ['x=1', 'y=&', 'plus=+']],
    ['/nodes/gauge-1/a?', ['a'], []],
  ])('%s reaches the node as %j', async (target, path, query) => {
    const { send, last } = setUp(ok);
    expect((await send(target)).status).toBe(200);
    expect(last()).toMatchObject({ method: 1, path, query });
  });

  test.each([
    '/nodes/gauge-1/../node',
    '/nodes/gauge-1/%2e%2E/node',
    '/nodes/gauge-1/.',
    '/nodes/gauge-1/%',
    '/nodes/gauge-1/%ff',
    '/nodes/gauge-1/%zz?x',
    '/nodes/gauge-1/a?x=%',
    `/nodes/gauge-1/${'x'.repeat(256)}`,
    `/nodes/gauge-1/${'%C3%A4'.repeat(128)}`,
    'http://127.0.0.1/nodes/gauge-1/node',
    '*',
    '',
  ])('%j is refused and no node is asked', async (target) => {
    const { problem, node } = setUp(ok);
    expect(await problem(target)).toMatchObject({ title: 'BAD_REQUEST', status: 400 });
    expect(node.requests).toEqual([]);
  });

  test('a segment of 255 bytes is the longest', async () => {
    const { send } = setUp(ok);
    expect((await send(`/nodes/gauge-1/${'x'.repeat(255)}`)).status).toBe(200);
  });

  test('unknown nodes and paths are 404', async () => {
    const { problem } = setUp(ok);
    expect(await problem('/nodes/gauge-2/node')).toMatchObject({ title: 'NO_SUCH_NODE', status: 404 });
    expect(await problem('/nodes/__proto__/node')).toMatchObject({ title: 'NO_SUCH_NODE' });
    expect(await problem('/nowhere')).toMatchObject({ title: 'NOT_FOUND', status: 404 });
    expect(await problem('/healthz/x')).toMatchObject({ title: 'NOT_FOUND' });
  });
});

describe('methods and codes', () => {
  test.each([
    ['GET', 1],
    ['POST', 2],
    ['PUT', 3],
    ['DELETE', 4],
    ['PATCH', 6],
  ])('%s is %d', async (method, coap) => {
    const { send, last } = setUp(() => response(0x44));
    expect((await send('/nodes/gauge-1/io/led0', { method })).status).toBe(204);
    expect(last()?.method).toBe(coap);
  });

  test.each([
    [0x41, 201],
    [0x42, 204],
    [0x44, 204],
    [0x45, 200],
    [0x80, 400],
    [0x81, 403],
    [0x82, 400],
    [0x83, 403],
    [0x84, 404],
    [0x86, 406],
    [0x88, 502],
    [0x89, 409],
    [0x8c, 412],
    [0x8d, 413],
    [0x8f, 415],
    [0x96, 422],
    [0x9d, 429],
    [0xa0, 502],
    [0xa1, 501],
    [0xa2, 502],
    [0xa3, 503],
    [0xa4, 504],
    [0xa5, 502],
    [0xa8, 508],
    [0xbf, 502],
  ])('code %d is %d', async (code, status) => {
    const { send } = setUp(() => response(code));
    expect((await send('/nodes/gauge-1/a/x')).status).toBe(status);
  });

  test('2.04 with a body is 200', async () => {
    const { send } = setUp(() => response(0x44, encodeFields({ missing: [] }), 60));
    const reply = await send('/nodes/gauge-1/atoms/rain', {
      method: 'PUT',
      body: 'x',
      headers: { 'content-type': 'application/cose; cose-type="cose-sign1"' },
    });
    expect(reply).toMatchObject({
      status: 200,
      body: '{"missing":[]}',
      headers: { 'content-type': 'application/json' },
    });
  });

  test('2.01 has a Location: the path itself, or where the node says', async () => {
    const own = setUp(() => response(0x41));
    expect((await own.send('/nodes/gauge-1/a/x', { method: 'PUT' })).headers.location).toBe(
      '/nodes/gauge-1/a/x',
    );
    const named = setUp(() => ({ ...response(0x41), location: ['a', 'x/y', 'ä'] }));
    const reply = await named.send('/nodes/gauge-1/a', { method: 'POST' });
    expect(reply.headers.location).toBe('/nodes/gauge-1/a/x%2Fy/%C3%A4');
  });

  test('405 names the methods where they are known, else the status is 400', async () => {
    const { send } = setUp(() => response(0x85));
    expect(await send('/nodes/gauge-1/atoms', { method: 'DELETE' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
    expect((await send('/nodes/gauge-1/a/x', { method: 'DELETE' })).status).toBe(400);
    expect(await send('/nodes', { method: 'PUT' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, OPTIONS' },
    });
    expect((await send('/nodes/gauge-1/node', { method: 'PROPFIND' })).status).toBe(405);
  });

  test('OPTIONS * tells what there is anywhere', async () => {
    const { send } = setUp(ok);
    expect(await send('*', { method: 'OPTIONS' })).toMatchObject({
      status: 204,
      headers: { allow: 'GET, HEAD, QUERY, POST, PUT, DELETE, PATCH, OPTIONS' },
    });
    expect(await send('*')).toMatchObject({ status: 400 });
  });

  test('OPTIONS asks no node', async () => {
    const { send, node } = setUp(ok);
    expect(await send('/nodes/gauge-1/a', { method: 'OPTIONS' })).toMatchObject({
      status: 204,
      headers: { allow: expect.stringContaining('DELETE') },
    });
    expect(node.requests).toEqual([]);
  });

  test('5.03 and 4.29 say when to come again', async () => {
    const { send } = setUp(() => ({ ...response(0xa3), maxAge: 7 }));
    expect((await send('/nodes/gauge-1/a')).headers['retry-after']).toBe('7');
  });
});

describe('errors', () => {
  test('problem details of a node are its own error with remedy and details', async () => {
    const error = new RadonError('DOES_NOT_FIT', { need: 6144, free: 4880 });
    const { problem } = setUp(() => response(0x96, encodeProblem(error), 257));
    expect(await problem('/nodes/gauge-1/atoms/rain', { method: 'PUT' })).toEqual({
      type: 'urn:radon:problem:DOES_NOT_FIT',
      status: 422,
      title: 'DOES_NOT_FIT',
      detail: 'Needs 6,144 bytes, 4,880 are free.',
      remedy: expect.stringContaining('radon stop NAME'),
      details: { need: 6144, free: 4880 },
    });
  });

  test('words of a node are passed on', async () => {
    const { problem } = setUp(() => response(0x84, 'no such thing'));
    expect(await problem('/nodes/gauge-1/a')).toMatchObject({
      title: '4.04',
      detail: 'no such thing',
      type: 'about:blank',
    });
  });

  test("an atom's own error document is passed on", async () => {
    const { send } = setUp(() => response(0x80, '{"why":1}', 50));
    expect(await send('/nodes/gauge-1/a/x')).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/json' },
    });
  });

  test('a node that does not answer is 504', async () => {
    const { problem } = setUp(() => {
      throw new RadonError('NODE_UNREACHABLE', { name: 'gauge-1' });
    });
    expect(await problem('/nodes/gauge-1/node')).toMatchObject({ status: 504, title: 'NODE_UNREACHABLE' });
  });

  test('CBOR that is none is 502', async () => {
    const { problem } = setUp(() => response(0x45, Uint8Array.of(0xff), 60));
    expect(await problem('/nodes/gauge-1/node')).toMatchObject({ status: 502, title: 'BAD_ANSWER' });
  });

  test('a fault of the bridge is 500, is reported and says nothing of its insides', async () => {
    const { problem, errors } = setUp(() => {
      throw new TypeError('secret path');
    });
    const document = await problem('/nodes/gauge-1/node');
    expect(document).toMatchObject({ status: 500, title: 'INTERNAL_ERROR' });
    expect(JSON.stringify(document)).not.toContain('secret');
    expect(errors).toHaveLength(1);
  });
});

describe('representations', () => {
  const state = encodeFields({ name: 'gauge-1', uptimeMs: 5 });

  test('without Accept, CBOR of a node reads as JSON', async () => {
    const { send, last } = setUp(() => response(0x45, state, 60));
    const reply = await send('/nodes/gauge-1/node');
    expect(reply).toMatchObject({ status: 200, body: '{"name":"gauge-1","uptimeMs":5}' });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'max-age=0',
      vary: 'accept',
    });
    expect(last()?.accept).toBeUndefined();
  });

  test('readings read as SenML JSON', async () => {
    const { send } = setUp(() => response(0x45, encodeSenmlCbor([{ n: 'level', u: 'mm', v: 1.5 }]), 112));
    expect(await send('/nodes/gauge-1/a/rain/level')).toMatchObject({
      body: '[{"n":"level","u":"mm","v":1.5}]',
      headers: { 'content-type': 'application/senml+json' },
    });
  });

  test("the integer keys of an atom's own CBOR are not ours", async () => {
    const { send } = setUp(() => response(0x45, Uint8Array.of(0xa1, 0, 1), 60));
    expect((await send('/nodes/gauge-1/a/x')).body).toBe('{"0":1}');
    expect((await send('/nodes/gauge-1/node')).body).toBe('{"name":1}');
  });

  test('a client that names CBOR gets the bytes', async () => {
    const { send, last } = setUp(() => response(0x45, state, 60));
    const reply = await send('/nodes/gauge-1/node', { headers: { accept: 'application/cbor' } });
    expect(reply).toMatchObject({ body: state, headers: { 'content-type': 'application/cbor' } });
    expect(last()?.accept).toBe(60);
  });

  test('JSON that a node cannot write is made from its CBOR', async () => {
    const { send, node } = setUp(({ accept }) =>
      accept === 60 ? response(0x45, state, 60) : response(0x86),
    );
    const reply = await send('/nodes/gauge-1/node', { headers: { accept: 'application/json' } });
    expect(reply).toMatchObject({ status: 200, body: '{"name":"gauge-1","uptimeMs":5}' });
    expect(node.requests.map(({ accept }) => accept)).toEqual([50, 60]);
  });

  test('the best format the client names comes first, anything else last', async () => {
    const { send, node } = setUp(({ accept }) => (accept === undefined ? ok() : response(0x86)));
    const accept =
      'text/html, application/senml+json;q=0.5, text/plain;q=0.9, */*;q=0.1, application/json;q=0';
    expect((await send('/nodes/gauge-1/a', { headers: { accept } })).status).toBe(200);
    expect(node.requests.map((request) => request.accept)).toEqual([0, 110, 112, undefined]);
  });

  test('a reading is JSON too, under its own name', async () => {
    const reading = response(0x45, encodeSenmlCbor([{ n: 'level', v: 1 }]), 112);
    const { send, node } = setUp(({ accept }) => (accept === 112 ? reading : response(0x86)));
    const reply = await send('/nodes/gauge-1/a/rain/level', { headers: { accept: 'application/json' } });
    expect(reply).toMatchObject({
      body: '[{"n":"level","v":1}]',
      headers: { 'content-type': 'application/senml+json' },
    });
    expect(node.requests.map(({ accept }) => accept)).toEqual([50, 60, 110, 112]);
  });

  test('an empty representation keeps its format', async () => {
    const { send } = setUp(() => response(0x45, '', 0));
    expect(await send('/nodes/gauge-1/log')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain;charset=utf-8' },
    });
  });

  test('no format the client takes is 406', async () => {
    const { send } = setUp(() => response(0x86));
    expect((await send('/nodes/gauge-1/a', { headers: { accept: 'application/json' } })).status).toBe(406);
  });

  test('a client that takes nothing a node can have is 406 and no node is asked', async () => {
    const { problem, node } = setUp(ok);
    expect(await problem('/nodes/gauge-1/a', { headers: { accept: 'image/png' } })).toMatchObject({
      status: 406,
    });
    expect(node.requests).toEqual([]);
  });

  test.each([0x45, 0x80])(
    'what an atom writes cannot act as a page of the bridge (code %d)',
    async (code) => {
      const script = '<script xmlns="http://www.w3.org/1999/xhtml">1</script>';
      const { send } = setUp(() => response(code, script, 41));
      expect((await send('/nodes/gauge-1/a/x')).headers).toMatchObject({
        'content-type': 'application/xml',
        'content-security-policy': expect.stringContaining('sandbox'),
        'x-content-type-options': 'nosniff',
      });
    },
  );

  test('unknown formats keep their number', async () => {
    const { send } = setUp(() => response(0x45, 'x', 4711));
    expect((await send('/nodes/gauge-1/a')).headers['content-type']).toBe('application/coap-payload;cf=4711');
  });
});

describe('bodies', () => {
  test('JSON for a resource of the node travels as CBOR', async () => {
    const { send, last } = setUp(() => response(0x44));
    const headers = { 'content-type': 'application/json' };
    await send('/nodes/gauge-1/atoms/rain', { method: 'POST', headers, body: '{"command":"stop"}' });
    expect(last()).toMatchObject({ contentFormat: 60, payload: encodeFields({ command: 'stop' }) });
  });

  test('a body for an atom is left alone', async () => {
    const { send, last } = setUp(() => response(0x44));
    await send('/nodes/gauge-1/a/x', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"x":1}',
    });
    expect(last()).toMatchObject({ contentFormat: 50, payload: bytes('{"x":1}') });
  });

  test.each([
    ['{', 'application/json', 'BAD_CONTENT'],
    ['{"nonsense":1}', 'application/json', 'BAD_CONTENT'],
    ['{}', 'application/senml+json', 'BAD_CONTENT'],
    ['a=b', 'application/x-www-form-urlencoded', 'UNSUPPORTED_FORMAT'],
  ])('%s as %s is %s and no node is asked', async (body, mediaType, title) => {
    const { problem, node } = setUp(ok);
    const sent = { method: 'POST', headers: { 'content-type': mediaType }, body };
    expect(await problem('/nodes/gauge-1/io/rain0', sent)).toMatchObject({ title });
    expect(node.requests).toEqual([]);
  });

  test('a piece of an image keeps its place', async () => {
    const { send, last } = setUp(() => response(0x5f));
    const headers = { 'content-type': 'application/octet-stream', 'content-range': 'bytes 1024-1027/9000' };
    expect((await send('/nodes/gauge-1/images/00', { method: 'PUT', headers, body: 'code' })).status).toBe(
      202,
    );
    expect(last()?.part).toEqual({ offset: 1024, more: true });
  });

  test.each(['bytes 0-4/9', 'bytes 0-3/3', 'bytes */4', 'bytes 4-3/9', 'items 0-3/9'])(
    'Content-Range %s is refused',
    async (range) => {
      const { problem } = setUp(ok);
      const sent = { method: 'PUT', headers: { 'content-range': range }, body: 'code' };
      expect(await problem('/nodes/gauge-1/images/00', sent)).toMatchObject({ title: 'BAD_REQUEST' });
    },
  );
});

describe('conditions', () => {
  test('ETag and If-None-Match', async () => {
    const tagged = setUp(() => ({ ...ok(), etag: Uint8Array.of(0xab, 1) }));
    expect((await tagged.send('/nodes/gauge-1/a')).headers.etag).toBe('"ab01"');
    const { send, last } = setUp(() => ({ ...response(0x43), etag: Uint8Array.of(0xab, 1) }));
    const reply = await send('/nodes/gauge-1/a', {
      headers: { 'if-none-match': 'W/"ab01", "foreign", "00"' },
    });
    expect(reply).toMatchObject({ status: 304, headers: { etag: '"ab01"' } });
    expect(last()?.etags).toEqual([Uint8Array.of(0xab, 1), Uint8Array.of(0)]);
  });

  test('If-Match and If-None-Match: * guard a change', async () => {
    const { send, last, problem } = setUp(() => response(0x44));
    await send('/nodes/gauge-1/a', { method: 'PUT', headers: { 'if-match': '"ab01"' } });
    expect(last()).toMatchObject({ ifMatch: [Uint8Array.of(0xab, 1)], ifNoneMatch: false });
    await send('/nodes/gauge-1/a', { method: 'PUT', headers: { 'if-match': '*', 'if-none-match': '*' } });
    expect(last()).toMatchObject({ ifMatch: [new Uint8Array(0)], ifNoneMatch: true });
    const foreign = { method: 'PUT', headers: { 'if-match': '"foreign"' } };
    expect(await problem('/nodes/gauge-1/a', foreign)).toMatchObject({ status: 412 });
  });
});

describe('who may ask', () => {
  test.each(['localhost', 'LOCALHOST:1', '[::1]:8080', '127.0.0.1', 'bridge.lan:80'])(
    'host %s',
    async (host) => {
      const { send } = setUp(ok, { allowedHosts: ['bridge.lan'] });
      expect((await send('/nodes', { headers: { host } })).status).toBe(200);
    },
  );

  test.each(['evil.example', '', '127.0.0.1.evil.example', 'localhost@evil.example', '[::2]'])(
    'host %j is 421',
    async (host) => {
      const { problem } = setUp(ok);
      expect(await problem('/nodes', { headers: { host } })).toMatchObject({
        status: 421,
        title: 'HOST_NOT_ALLOWED',
      });
      expect(await problem('/healthz', { headers: { host } })).toMatchObject({ status: 421 });
    },
  );

  test.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:9090' },
    { origin: 'file://' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('a page elsewhere may not change anything: %j', async (headers) => {
    const { problem, node } = setUp(ok);
    const sent = { method: 'POST', headers };
    expect(await problem('/nodes/gauge-1/a', sent)).toMatchObject({
      status: 403,
      title: 'ORIGIN_NOT_ALLOWED',
    });
    expect(node.requests).toEqual([]);
  });

  test('our own pages and programs without an origin may', async () => {
    const { send } = setUp(ok);
    expect(
      (await send('/nodes/gauge-1/a', { method: 'POST', headers: { origin: 'http://127.0.0.1:8080' } }))
        .status,
    ).toBe(200);
    expect((await send('/nodes/gauge-1/a', { method: 'POST' })).status).toBe(200);
  });

  test('a bridge with a token wants it, except for its health', async () => {
    const { send, problem } = setUp(ok, { access });
    const refused = await send('/nodes');
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(await problem('/nodes', { headers: { authorization: 'Bearer wrong' } })).toMatchObject({
      title: 'TOKEN_UNKNOWN',
    });
    expect((await send('/nodes', { headers: { authorization: 'bearer secret' } })).status).toBe(200);
    expect((await send('/healthz')).status).toBe(200);
  });
});

describe('what the bridge tells', () => {
  const core = (request: NodeRequest) =>
    request.path[0] === '.well-known'
      ? response(0x45, '</node>;ct="50 60";obs,</a/rain/level>;rt="rainfall"', 40)
      : response(0x84);

  test('nodes and one node', async () => {
    const { send, node } = setUp(ok);
    node.setLink('lost', 'no answer');
    const own = {
      name: 'gauge-1',
      kind: 'device',
      link: 'lost',
      address: 'memory',
      since: 1,
      lastError: 'no answer',
    };
    expect(JSON.parse(text((await send('/nodes')).body))).toEqual([own]);
    expect(JSON.parse(text((await send('/nodes/gauge-1')).body))).toEqual(own);
  });

  test('every link, filtered, as link format or JSON', async () => {
    const { send } = setUp(core);
    const links = text((await send('/.well-known/core')).body);
    expect(links).toContain('</nodes/gauge-1/a/rain/level>;rt="rainfall"');
    expect(links).toContain('</nodes/gauge-1/node>;ct="50 60";obs');
    const filtered = await send('/.well-known/core?rt=rain*', { headers: { accept: 'application/json' } });
    expect(JSON.parse(text(filtered.body))).toEqual([
      { href: '/nodes/gauge-1/a/rain/level', rt: 'rainfall' },
    ]);
  });

  test('a lost node keeps the links it had', async () => {
    const { send, node } = setUp(core);
    await send('/.well-known/core');
    node.setLink('lost');
    expect(text((await send('/.well-known/core')).body)).toContain('/nodes/gauge-1/a/rain/level');
  });

  test('health', async () => {
    const { send } = setUp(ok);
    expect(JSON.parse(text((await send('/healthz')).body))).toMatchObject({
      status: 'ok',
      nodes: { up: 1, lost: 0 },
    });
  });

  test('readiness, without a token', async () => {
    let isReady = false;
    const { send } = setUp(ok, { access, isReady: () => isReady });
    expect(await send('/readyz')).toMatchObject({ status: 503, headers: { 'cache-control': 'no-store' } });
    isReady = true;
    const reply = await send('/readyz');
    expect(reply.status).toBe(200);
    expect(JSON.parse(text(reply.body))).toEqual({ status: 'ready', nodes: { up: 1, lost: 0 } });
    expect((await send('/openapi.json')).status).toBe(401);
  });

  test('the dashboard says of itself that nothing comes from elsewhere', async () => {
    const { send } = setUp(() => response(0x45));
    const reply = await send('/');
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.headers['content-security-policy']).toContain("default-src 'self'");
    expect(text(reply.body)).not.toMatch(/https?:|<style|style=|<script>/);
    for (const file of [
      'style.css',
      'icon.svg',
      'uplot.js',
      'uplot.css',
      'cborg/cborg.js',
      'cborg/lib/is.js',
    ])
      expect(await send(`/dashboard/${file}`)).toMatchObject({ status: 200 });
  });

  test.each([
    '/dashboard/',
    '/dashboard/none.js',
    '/dashboard/tsconfig.json',
    '/dashboard/%2E%2E%2Fpackage.json',
    '/dashboard/..%2Fsrc%2Findex.js',
    '/dashboard/cborg/%2e%2e%2f%2e%2e%2fws/index.js',
    '/dashboard/cborg/lib%2F..%2Fcborg.js',
    '/dashboard/style.css%00.js',
  ])('%s is no file of the dashboard', async (target) => {
    expect((await setUp(() => response(0x45)).send(target)).status).toBe(404);
  });
});

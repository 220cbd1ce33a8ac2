/** One case for every row of the mapping tables in docs/reference/http.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { decodeFields, decodeForeignCbor, encodeFields } from '../fields/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodeKind, NodeRequest, NodeResponse } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { decodeSenmlCbor, encodeSenmlCbor } from '../senml/index.ts';
import { createHttpHandler } from './handler.ts';

const bytes = (value: string) => new TextEncoder().encode(value);
const jsonType = 'application/json';

interface Sent {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

type Answer = (request: NodeRequest) => NodeResponse;

function setUp(answer: Answer, kind: NodeKind = 'device') {
  const registry = createRegistry();
  const node = createScriptedNode('gauge-1', answer, kind);
  registry.add(node);
  const handle = createHttpHandler({ registry, messages: { request: async () => response(0x44) } });
  const send = ({ method = 'GET', target = '/nodes/gauge-1/a/x', headers = {}, body = '' }: Sent) =>
    handle({
      method,
      target,
      headers: { host: 'localhost', ...headers },
      body: bytes(body),
      signal: new AbortController().signal,
    });
  return { send, requests: node.requests };
}

/** Cells of the table below a heading whose first column has this name. */
function documented(heading: string, column: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL('../../../docs/reference/http.md', import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const lines = section.slice(section.indexOf(`| ${column} |`)).split('\n');
  const table = lines.slice(
    2,
    lines.findIndex((line) => !line.startsWith('|')),
  );
  return table.map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

function coversEveryRow(
  heading: string,
  column: string,
  cases: readonly (readonly [string, ...unknown[]])[],
) {
  const keys = documented(heading, column).map((cells) => cells.slice(0, -1).join(' | '));
  expect(keys.length).toBeGreaterThan(0);
  expect(new Set(cases.map(([key]) => key))).toEqual(new Set(keys));
}

describe('methods', () => {
  const patch = '`application/merge-patch+json`, `application/senml-etch+json` or `+cbor`';
  const cases: readonly [row: string, sent: Sent, method: number][] = [
    ['GET, HEAD | GET', { method: 'GET' }, 1],
    ['GET, HEAD | GET', { method: 'HEAD' }, 1],
    ['QUERY | FETCH', { method: 'QUERY', body: '{}', headers: { 'content-type': jsonType } }, 5],
    ['POST | POST', { method: 'POST' }, 2],
    ['PUT | PUT', { method: 'PUT' }, 3],
    ['DELETE | DELETE', { method: 'DELETE' }, 4],
    [
      'PATCH | PATCH',
      { method: 'PATCH', body: '[]', headers: { 'content-type': 'application/json-patch+json' } },
      6,
    ],
    ...['application/merge-patch+json', 'application/senml-etch+json', 'application/senml-etch+cbor'].map(
      (type): [string, Sent, number] => [
        `PATCH of ${patch} | iPATCH`,
        { method: 'PATCH', body: '{}', headers: { 'content-type': type } },
        7,
      ],
    ),
  ];

  test.each(cases)('%s: %j', async (_row, sent, method) => {
    const { send, requests } = setUp(() => response(0x45, 'fine', 0));
    expect((await send(sent)).status).toBe(200);
    expect(requests.map((request) => request.method)).toEqual([method]);
  });

  test('every row has its case', () => coversEveryRow('Methods', 'HTTP', cases));

  test('a server that knows no iPATCH gets PATCH', async () => {
    const { send, requests } = setUp(({ method }) => response(method === 7 ? 0x85 : 0x44));
    const headers = { 'content-type': 'application/merge-patch+json' };
    expect((await send({ method: 'PATCH', body: '{"x":1}', headers })).status).toBe(204);
    expect(requests.map(({ method, payload }) => [method, payload])).toEqual([
      [7, bytes('{"x":1}')],
      [6, bytes('{"x":1}')],
    ]);
  });

  test('an unsafe request that fails is not repeated', async () => {
    const { send, requests } = setUp(() => response(0x86));
    expect((await send({ method: 'POST', headers: { accept: 'text/plain, */*' } })).status).toBe(406);
    expect(requests).toHaveLength(1);
  });

  test('QUERY asks for each format in turn, with its body', async () => {
    const { send, requests } = setUp(({ accept }) =>
      accept === 60 ? response(0x45, encodeFields({ name: 'x' }), 60) : response(0x86),
    );
    const headers = { accept: jsonType, 'content-type': jsonType };
    const reply = await send({ method: 'QUERY', body: '{}', headers });
    expect(reply).toMatchObject({ status: 200, headers: { vary: 'accept', 'cache-control': 'max-age=0' } });
    expect(requests.map(({ accept, payload }) => [accept, payload])).toEqual([
      [50, bytes('{}')],
      [60, bytes('{}')],
    ]);
  });

  test('a body of a QUERY that says not what it is is 400', async () => {
    const { send, requests } = setUp(() => response(0x45));
    expect((await send({ method: 'QUERY', body: '{}' })).status).toBe(400);
    expect(requests).toEqual([]);
  });
});

describe('conversions', () => {
  const pack = [{ n: 'level', u: 'mm', v: 1.5 }];
  const packJson = bytes(JSON.stringify(pack));
  const made: Readonly<Record<string, NodeResponse>> = {
    CBOR: response(0x45, encodeFields({ uptimeMs: 5 }), 60),
    JSON: response(0x45, '{"uptimeMs":5}', 50),
    'SenML CBOR': response(0x45, encodeSenmlCbor(pack), 112),
    'SenML JSON': response(0x45, packJson, 110),
  };

  /** The body in a form that can be compared: text, or what the CBOR says. */
  function readable(body: Uint8Array | string, type: string | undefined): unknown {
    const read = typeof body === 'string' ? bytes(body) : body;
    if (type === 'application/cbor') return decodeFields(read);
    if (type === 'application/senml+cbor') return decodeSenmlCbor(read);
    return JSON.parse(new TextDecoder().decode(read));
  }

  const rows = documented('Representations', 'node has');
  test.each(rows)('%s for a client that takes only %s is %s', async (has = '', accepted = '', type = '') => {
    const answer = made[has] ?? response(0xa0);
    const { send } = setUp(({ accept }) => (accept === answer.contentFormat ? answer : response(0x86)));
    const reply = await send({
      target: '/nodes/gauge-1/node',
      headers: { accept: accepted.replaceAll('`', '') },
    });
    expect(reply.headers['content-type']).toBe(type.replaceAll('`', ''));
    expect(readable(reply.body, reply.headers['content-type'])).toEqual(
      has.startsWith('SenML') ? pack : { uptimeMs: 5 },
    );
  });

  test('there are six rows', () => expect(rows).toHaveLength(6));

  test("an atom's own JSON keeps its names in CBOR", async () => {
    const { send } = setUp(({ accept }) =>
      accept === 50 ? response(0x45, '{"own":[1,null]}', 50) : response(0x86),
    );
    const { body } = await send({ headers: { accept: 'application/cbor' } });
    expect(decodeForeignCbor(body as Uint8Array)).toEqual({ own: [1, null] });
  });

  test('the integer keys of a foreign server are not ours, and neither are its methods', async () => {
    const answer = ({ method }: NodeRequest) =>
      method === 1 ? response(0x45, Uint8Array.of(0xa1, 0, 1), 60) : response(0x85);
    const { send, requests } = setUp(answer, 'foreign');
    expect((await send({ target: '/nodes/gauge-1/node' })).body).toBe('{"0":1}');
    const sent = { method: 'PUT', body: '{"x":1}', headers: { 'content-type': jsonType } };
    expect((await send({ ...sent, target: '/nodes/gauge-1/node' })).status).toBe(400);
    expect(requests[1]).toMatchObject({ contentFormat: 50, payload: bytes('{"x":1}') });
  });

  test('what cannot be converted is 502', async () => {
    const { send } = setUp(({ accept }) => (accept === 50 ? response(0x45, '{', 50) : response(0x86)));
    expect((await send({ headers: { accept: 'application/cbor' } })).status).toBe(502);
  });

  test.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/json'])(
    'a body of %s is JSON',
    async (type) => {
      const { send, requests } = setUp(() => response(0x44));
      await send({ method: 'POST', body: '{}', headers: { 'content-type': type } });
      expect(requests[0]?.contentFormat).toBe(50);
    },
  );

  test.each([
    { 'content-type': jsonType, 'content-encoding': 'gzip' },
    { 'content-type': 'application/json;charset=utf-16' },
    { 'content-type': 'application/coap-payload;cf=65536' },
  ])('%j is 415 and no node is asked', async (headers) => {
    const { send, requests } = setUp(() => response(0x44));
    expect((await send({ method: 'PUT', body: 'x', headers })).status).toBe(415);
    expect(requests).toEqual([]);
  });

  test('a format without a name goes both ways by its number', async () => {
    const { send, requests } = setUp(() => response(0x45, 'y', 4711));
    const type = 'application/coap-payload;cf=4711';
    const reply = await send({ method: 'POST', body: 'x', headers: { 'content-type': type, accept: type } });
    expect(requests[0]?.contentFormat).toBe(4711);
    expect(reply.headers['content-type']).toBe(type);
  });
});

const wrongOffset = problemReply(new RadonError('WRONG_OFFSET', { have: 16 }));
const unreachable = () => {
  throw new RadonError('NODE_UNREACHABLE', { name: 'gauge-1' });
};

describe('status', () => {
  const etag = Uint8Array.of(0xab);
  const held = { 'if-none-match': '"ab"' };
  const piece = { 'content-range': 'bytes 0-3/99' };
  const busy = (code: number) => ({ ...response(code), maxAge: 7 });
  const cases: readonly [
    row: string,
    answer: NodeResponse | Answer,
    status: number,
    sent: Sent,
    headers?: object,
  ][] = [
    ['2.01', response(0x41), 201, { method: 'PUT' }, { location: '/nodes/gauge-1/a/x' }],
    [
      '2.01',
      { ...response(0x41), location: ['a', 'x/y'], locationQuery: ['v=1', 'w=&'] },
      201,
      { method: 'POST' },
      { location: '/nodes/gauge-1/a/x%2Fy?v=1&w=%26' },
    ],
    ['2.02, 2.04', response(0x42), 204, { method: 'DELETE' }],
    ['2.02, 2.04', response(0x44), 204, { method: 'PUT' }],
    ['2.02, 2.04', response(0x44, 'done', 0), 200, { method: 'POST' }],
    ['2.03', { ...response(0x43), etag }, 304, { headers: held }, { etag: '"ab"' }],
    ['2.03', { ...response(0x43), etag }, 502, {}],
    ['2.05', { ...response(0x45, 'x', 0), maxAge: 9 }, 200, {}, { 'cache-control': 'max-age=9' }],
    ['2.05', { ...response(0x45, 'x', 0), etag }, 304, { headers: held }, { etag: '"ab"' }],
    ['2.05', response(0x45, 'x', 0), 304, { headers: { 'if-none-match': '*' } }],
    ['2.05', { ...response(0x45, 'x', 0), etag }, 200, { headers: { 'if-none-match': '"00"' } }],
    ['2.31', response(0x5f), 202, { method: 'PUT', body: 'code', headers: piece }],
    ['2.31', response(0x5f), 502, { method: 'PUT', body: 'code' }],
    ['4.00, 4.02', response(0x80), 400, {}],
    ['4.00, 4.02', response(0x82), 400, {}],
    ['4.01, 4.03', response(0x81), 403, {}],
    ['4.01, 4.03', response(0x83), 403, {}],
    ['4.04', { ...response(0x84), maxAge: 60 }, 404, {}, { 'cache-control': 'no-store' }],
    ['4.05', response(0x85), 400, { method: 'DELETE' }],
    [
      '4.05',
      response(0x85),
      405,
      { method: 'PUT', target: '/nodes/gauge-1/node' },
      { allow: 'GET, HEAD, POST' },
    ],
    ['4.06', response(0x86), 406, {}],
    ['4.08', response(0x88), 502, { method: 'PUT', body: 'x' }],
    ['4.08', wrongOffset, 409, { method: 'PUT', body: 'code', headers: piece }],
    ['4.09', response(0x89), 409, { method: 'PUT' }],
    ['4.12', response(0x8c), 412, { method: 'PUT' }],
    ['4.13', response(0x8d), 413, { method: 'PUT' }],
    ['4.15', response(0x8f), 415, { method: 'PUT' }],
    ['4.22', response(0x96), 422, { method: 'PUT' }],
    ['4.29', busy(0x9d), 429, {}, { 'retry-after': '7' }],
    ['5.00', response(0xa0), 502, {}],
    ['5.01', response(0xa1), 501, {}],
    ['5.02', response(0xa2), 502, {}],
    ['5.03', busy(0xa3), 503, {}, { 'retry-after': '7' }],
    ['5.04', response(0xa4), 504, {}],
    ['5.05', response(0xa5), 502, {}],
    ['5.08', response(0xa8), 508, {}],
    ['other 4.xx', response(0x9f), 400, {}],
    ['other 5.xx', response(0xbf), 502, {}],
    ['no answer', unreachable, 504, {}],
    ['an answer that cannot be read', response(0x45, Uint8Array.of(0xff), 60), 502, {}],
  ];

  test.each(cases)('%s', async (_row, answer, status, sent, headers = {}) => {
    const { send } = setUp(typeof answer === 'function' ? answer : () => answer);
    const reply = await send(sent);
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject(headers);
  });

  test('every row has its case', () => {
    const rows = documented('Status', 'CoAP').map(([code]) => code);
    expect(new Set(cases.map(([row]) => row))).toEqual(new Set(rows));
  });
});

describe('what a node says in the name of the bridge', () => {
  test.each(['TOKEN_REQUIRED', 'TOKEN_UNKNOWN', 'HOST_NOT_ALLOWED', 'INTERNAL_ERROR'] as const)(
    '%s is an error like any other',
    async (name) => {
      const { code: coapCode = 0, payload } = problemReply(new RadonError(name));
      const { send } = setUp(() => response(coapCode, payload, 257));
      const reply = await send({});
      expect([401, 421, 500]).not.toContain(reply.status);
      expect(JSON.parse(String(reply.body))).toMatchObject({ type: 'about:blank' });
    },
  );

  test.each([['..'], ['.'], ['a', '..', 'x']])('a location with %j leads nowhere', async (...location) => {
    const { send } = setUp(() => ({ ...response(0x41), location }));
    expect((await send({ method: 'POST' })).status).toBe(502);
  });
});

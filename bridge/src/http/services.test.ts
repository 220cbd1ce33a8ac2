/** `/services` over HTTP: who answers, and what is said when nobody does. */
import { describe, expect, test } from 'vitest';
import {
  type Answer,
  createScriptedNode,
  response,
  type ScriptedNode,
} from '../../../test/support/scripted-node.ts';
import { createCache } from '../cache/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import { createRegistry } from '../registry/registry.ts';
import { encodeSenmlCbor, type SenmlPack } from '../senml/index.ts';
import { createHttpHandler } from './handler.ts';

const links = response(0x45, '</a/rain/level>;rt=rain', 40);
const unreachable: Answer = ({ path }) => {
  if (path[0] === '.well-known') return links;
  throw new RadonError('NODE_UNREACHABLE', { name: 'it' });
};
const senml = (pack: SenmlPack) => response(0x45, encodeSenmlCbor(pack), 112);

function setUp(answers: Readonly<Record<string, Answer>>, core = links) {
  const registry = createRegistry(createCache());
  const nodes: Record<string, ScriptedNode> = {};
  for (const [name, answer] of Object.entries(answers)) {
    const node = createScriptedNode(name, (request) =>
      request.path[0] === '.well-known'
        ? core
        : request.path[0] === 'atoms'
          ? response(0x84)
          : answer(request),
    );
    nodes[name] = node;
    registry.add(node);
  }
  const messages = { request: async () => response(0x44) };
  const handle = createHttpHandler({ registry, messages });
  const send = async (target: string, method = 'GET', headers: Record<string, string> = {}) => {
    const body = new Uint8Array(0);
    const all = { host: '127.0.0.1', ...headers };
    const reply = await handle({ method, target, headers: all, body, signal: new AbortController().signal });
    const text = typeof reply.body === 'string' ? reply.body : new TextDecoder().decode(reply.body);
    return { ...reply, text, json: () => JSON.parse(text) };
  };
  const asked = (name: string) => nodes[name]?.requests.filter(({ path }) => path[0] === 'a') ?? [];
  return { send, asked, nodes };
}

const says =
  (text: string): Answer =>
  () =>
    response(0x45, text, 0);

describe('a service', () => {
  test('is told of in ASCII, whatever a node calls its resource', async () => {
    const { send } = setUp({ a: says('A') }, response(0x45, '</a/rain/€ %20>;rt=rain', 40));
    const reply = await send('/services/rain');
    expect([reply.status, reply.headers['content-location']]).toEqual([
      200,
      '/nodes/a/a/rain/%E2%82%AC%20%20',
    ]);
  });

  test('is listed, and answered by the first provider, who is named', async () => {
    const { send, asked } = setUp({ a: says('A'), b: says('B') });
    expect((await send('/services')).json()).toEqual([
      { rt: 'rain', providers: ['/nodes/a/a/rain/level', '/nodes/b/a/rain/level'] },
    ]);
    const reply = await send('/services/rain?unit=mm');
    expect(reply).toMatchObject({ status: 200, text: 'A' });
    expect(reply.headers['content-location']).toBe('/nodes/a/a/rain/level');
    expect(asked('a')).toMatchObject([{ method: 1, path: ['a', 'rain', 'level'], query: ['unit=mm'] }]);
    expect(asked('b')).toEqual([]);
  });

  test.each<[string, Answer]>([
    ['cannot be reached', unreachable],
    ['answers 5.00', () => response(0xa0)],
    ['answers 5.03', () => problemReply(new RadonError('INBOX_FULL', { name: 'x' }))],
    ['does not have it any more', () => response(0x84)],
    ['answers what nobody can read', () => response(0x45, 'x', 60)],
  ])('is answered by the next where the first %s', async (_, first) => {
    const { send } = setUp({ a: first, b: says('B') });
    const reply = await send('/services/rain');
    expect(reply).toMatchObject({ status: 200, text: 'B' });
    expect(reply.headers['content-location']).toBe('/nodes/b/a/rain/level');
  });

  test('is answered by the first where the error is that of the client', async () => {
    const { send, asked } = setUp({ a: () => response(0x80, 'no', 0), b: says('B') });
    expect(await send('/services/rain')).toMatchObject({ status: 400, text: 'no' });
    expect(asked('b')).toEqual([]);
  });

  test('is answered from the cache, whichever node that is', async () => {
    const { send, asked } = setUp({ a: says('A'), b: () => ({ ...response(0x45, 'B', 0), maxAge: 60 }) });
    await send('/nodes/b/a/rain/level');
    const reply = await send('/services/rain');
    expect(reply).toMatchObject({ text: 'B', headers: { age: '0' } });
    expect(asked('a')).toEqual([]);
  });

  test('that nobody can answer has the error of the last', async () => {
    const { send } = setUp({ a: () => response(0xa0), b: unreachable });
    expect(await send('/services/rain')).toMatchObject({ status: 504 });
    expect((await send('/services/sun')).json()).toMatchObject({ status: 404, title: 'NOT_FOUND' });
  });

  test('of a lost node alone is known, but cannot be reached', async () => {
    const { send, nodes } = setUp({ a: says('A') });
    await send('/services');
    nodes.a?.setLink('lost');
    expect((await send('/services')).json()).toHaveLength(1);
    expect((await send('/services/rain')).json()).toMatchObject({ status: 504, title: 'NODE_UNREACHABLE' });
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s goes to one provider, once', async (method) => {
    const { send, asked } = setUp({ a: unreachable, b: says('B') });
    expect((await send('/services/rain', method)).json()).toMatchObject({
      status: 504,
      title: 'NODE_UNREACHABLE',
    });
    expect([asked('a').length, asked('b').length]).toEqual([1, 0]);
  });

  test.each([
    ['POST', '</atoms>;rt=rain'],
    ['PUT', '</time>;rt=rain'],
  ])('%s of %s is refused: the node asks for another right', async (method, links) => {
    const { send, nodes } = setUp({ a: says('A') }, response(0x45, links, 40));
    expect((await send('/services/rain', method)).json()).toMatchObject({ title: 'FORBIDDEN_HERE' });
    expect(nodes.a?.requests).toHaveLength(1);
  });

  test('with what was created says where', async () => {
    const created: Answer = () => ({ ...response(0x41), location: ['a', 'rain', '7'] });
    const { send } = setUp({ a: created });
    expect(await send('/services/rain', 'POST')).toMatchObject({
      status: 201,
      headers: { location: '/nodes/a/a/rain/7', 'content-location': '/nodes/a/a/rain/level' },
    });
  });
});

describe('all providers', () => {
  test('answer with their values and figures over them', async () => {
    const { send, asked } = setUp({
      a: () => senml([{ n: 'level', u: 'mm', v: 1, t: -10 }]),
      b: () => response(0xa0),
      c: () => senml([{ n: 'level', u: 'mm', v: 3, t: -5 }]),
    });
    expect((await send('/services/rain?all&x=1')).json()).toEqual({
      rt: 'rain',
      count: 2,
      unit: 'mm',
      latest: 3,
      min: 1,
      mean: 2,
      max: 3,
      providers: [
        { href: '/nodes/a/a/rain/level', value: [{ n: 'level', u: 'mm', v: 1, t: -10 }] },
        { href: '/nodes/b/a/rain/level', error: expect.objectContaining({ title: expect.any(String) }) },
        { href: '/nodes/c/a/rain/level', value: [{ n: 'level', u: 'mm', v: 3, t: -5 }] },
      ],
    });
    expect(asked('a')).toMatchObject([{ query: ['x=1'] }]);
  });

  test('that say different things have no figures', async () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    const { send } = setUp({
      a: () => senml([{ u: 'mm', v: 1 }]),
      b: () => senml([{ u: 'Cel', v: 3 }]),
      c: says('wet'),
      d: () => response(0x45, '{broken', 50),
      e: () => response(0x45, deep, 50),
    });
    const { count, providers, ...figures } = (await send('/services/rain?all=1')).json();
    expect([count, figures]).toEqual([5, { rt: 'rain' }]);
    expect(providers.slice(2)).toMatchObject([{ value: 'wet' }, { value: '{broken' }, { value: deep }]);
  });

  test('are read, never changed', async () => {
    const { send, asked } = setUp({ a: says('A') });
    expect(await send('/services/rain?all', 'POST')).toMatchObject({ status: 400 });
    expect(asked('a')).toEqual([]);
  });
});

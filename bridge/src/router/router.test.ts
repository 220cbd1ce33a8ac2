import { afterEach, describe, expect, test, vi } from 'vitest';
import { createScriptedNode, response, type ScriptedNode } from '../../../test/support/scripted-node.ts';
import { encodeFields } from '../fields/index.ts';
import { decodeEnvelope, type Envelope, encodeEnvelope, type MessageEnvelope } from '../message/index.ts';
import { decodeProblem, problemReply, RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, ObservationListener, UpstreamRequest } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { contentFormat, type ErrorName, method } from '../tables/index.ts';
import { createRouter, type RouterOptions } from './index.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).reverse()) await close();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const changed = response(0x44);
const names = (list: readonly string[], aliases: readonly string[] = []) =>
  response(0x45, encodeFields({ names: list, aliases }), contentFormat.CBOR);
const refusal = (code: ErrorName, details = {}) => problemReply(new RadonError(code, details));

interface Told {
  readonly names?: readonly string[];
  readonly aliases?: readonly string[];
  /** Answers all but `/names`. */
  readonly answer?: (request: NodeRequest) => NodeResponse | Promise<NodeResponse>;
}

function setUp(nodes: Readonly<Record<string, Told>>, options: Partial<RouterOptions> = {}) {
  const registry = createRegistry();
  const scripted: Record<string, ScriptedNode> = {};
  for (const [name, { names: list = [], aliases = [], answer = () => changed }] of Object.entries(nodes)) {
    const node = createScriptedNode(name, (request) =>
      request.path[0] === 'names' ? names(list, aliases) : answer(request),
    );
    scripted[name] = node;
    registry.add(node);
  }
  const errors: unknown[] = [];
  const router = createRouter({ registry, onError: (error) => errors.push(error), ...options });
  closers.push(
    () => registry.close(),
    () => router.close(),
  );
  const node = (name: string) => {
    const found = scripted[name];
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  };
  return { registry, router, errors, node };
}

const message: MessageEnvelope = {
  from: 'a/rain',
  incarnation: 7,
  seq: 1,
  id: 1,
  hops: 4,
  payload: Uint8Array.of(1, 2),
};

function post(path: readonly string[], envelope: Envelope | Uint8Array = message): UpstreamRequest {
  const payload = envelope instanceof Uint8Array ? envelope : encodeEnvelope(envelope);
  return { method: method.POST, path, query: [], payload, contentFormat: contentFormat.RADON_MESSAGE };
}

const get = (...path: string[]): UpstreamRequest => ({
  method: method.GET,
  path,
  query: [],
  payload: new Uint8Array(0),
});

/** `4.04 NO_SUCH_ATOM`, `2.04`: what an answer says. */
function said({ code, payload, contentFormat: format }: NodeResponse): string {
  const dotted = `${code >> 5}.${String(code & 31).padStart(2, '0')}`;
  const title = format === contentFormat.PROBLEM_DETAILS ? decodeProblem(payload)?.title : undefined;
  return title === undefined ? dotted : `${dotted} ${title}`;
}

function record(): ObservationListener & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    next: (answer) => told.push(said(answer)),
    lost: () => told.push('lost'),
    back: () => told.push('back'),
    end: (answer) => told.push(`end ${said(answer)}`),
  };
}

describe('a message', () => {
  test('goes to the node that has the name, with one hop less, under the name of its sender there', async () => {
    const { router, node } = setUp({ a: { names: ['rain'] }, b: { names: ['flood'] }, c: {} });
    await settled();
    const upstream = router.forNode('a');
    const renamed = { ...message, from: 'own-name/rain~3' };
    expect(said(await upstream.request(post(['m', 'flood'], renamed)))).toBe('2.04');
    expect(said(await upstream.request(post(['m', 'flood~2'], message)))).toBe('2.04');
    const sent = node('b').requests;
    expect(sent.map(({ path }) => path)).toEqual([
      ['m', 'flood'],
      ['m', 'flood~2'],
    ]);
    const [first = get()] = sent;
    expect(decodeEnvelope(first.payload)).toEqual({ ...message, from: 'a/rain~3', hops: 3 });
    expect([...node('a').requests, ...node('c').requests]).toEqual([]);
  });

  test('to a node by its name is not looked up', async () => {
    const { router, node } = setUp({ a: {}, b: {} });
    expect(said(await router.forNode('a').request(post(['m', 'b', 'flood'])))).toBe('2.04');
    expect(node('b').requests).toMatchObject([{ method: 2, path: ['m', 'flood'], query: [] }]);
  });

  test('of a name that several nodes have goes to the first of them, but not back', async () => {
    const { router, node } = setUp({
      c: { names: ['rain'] },
      a: { names: ['rain'] },
      b: { names: ['rain'] },
    });
    await settled();
    await router.forNode('a').request(post(['m', 'rain']));
    expect(node('b').requests).toHaveLength(1);
    await router.forNode('c').request(post(['m', 'rain']));
    expect(node('a').requests).toHaveLength(1);
  });

  test.each([
    ['an unknown name', ['m', 'nobody'], '4.04 NO_SUCH_ATOM'],
    ['an unknown node', ['m', 'nowhere', 'rain'], '4.04 NO_SUCH_NODE'],
    ['a name that is none', ['m', 'Rain!'], '4.04 NO_SUCH_ATOM'],
    ['a node that is none', ['m', '__proto__', 'rain'], '4.04 NO_SUCH_NODE'],
    ['a place that is none', ['m', 'b', 'flood~0'], '4.04 NO_SUCH_ATOM'],
    ['nobody', ['m'], '4.04 NOT_FOUND'],
    ['too deep a path', ['m', 'b', 'flood', 'x'], '4.04 NOT_FOUND'],
    ['another tree', ['atoms', 'flood'], '4.04 NOT_FOUND'],
  ])('to %s is refused', async (_, path, answer) => {
    const { router, node } = setUp({ a: {}, b: { names: ['flood'] } });
    await settled();
    expect(said(await router.forNode('a').request(post(path)))).toBe(answer);
    expect(node('b').requests).toEqual([]);
  });

  test.each([
    ['without a hop left', { ...message, hops: 0 }, '5.08 HOP_LIMIT'],
    ['that is no map', Uint8Array.of(0x80), '4.00 BAD_CONTENT'],
    ['that is cut', encodeEnvelope(message).subarray(0, 20), '4.00 BAD_CONTENT'],
    ['that is empty', new Uint8Array(0), '4.00 BAD_CONTENT'],
    ['with an unknown member', encodeFields({ ...message, ttlMs: 1 }), '4.00 BAD_CONTENT'],
    ['over the limit', encodeFields({ ...message, payload: new Uint8Array(513) }), '4.00 BAD_CONTENT'],
    ['from no address', encodeFields({ ...message, from: 'rain' }), '4.00 BAD_CONTENT'],
  ])('%s is refused', async (_, envelope, answer) => {
    const { router, node } = setUp({ a: {}, b: { names: ['flood'] } });
    await settled();
    expect(said(await router.forNode('a').request(post(['m', 'flood'], envelope)))).toBe(answer);
    expect(node('b').requests).toEqual([]);
  });

  test('that ends up in a loop of bridges runs out of hops', async () => {
    const near = setUp({ a: {}, far: { names: ['loop'] } });
    const far = setUp({ near: { names: ['loop'] }, b: {} });
    near.node('far').request = (request) => far.router.forNode('b').request(request);
    far.node('near').request = (request) => near.router.forNode('a').request(request);
    await settled();
    expect(said(await near.router.forNode('a').request(post(['m', 'loop'])))).toBe('5.08 HOP_LIMIT');
  });

  test('to a lost node is to be tried again; one that does not answer may have it', async () => {
    const silent = () => Promise.reject(new RadonError('NODE_UNREACHABLE', { name: 'b' }));
    const { router, node } = setUp({ a: {}, b: { names: ['flood'], answer: silent } });
    await settled();
    const upstream = router.forNode('a');
    expect(said(await upstream.request(post(['m', 'flood'])))).toBe('5.04 NODE_UNREACHABLE');
    node('b').setLink('lost');
    for (const path of [
      ['m', 'flood'],
      ['m', 'b', 'flood'],
    ]) {
      const answer = await upstream.request(post(path));
      expect([said(answer), answer.maxAge]).toEqual(['5.03 NODE_LOST', 1]);
    }
  });

  test('to a name nobody has is tried again while a node has not told its names', async () => {
    const { router, registry } = setUp({ a: {} });
    await settled();
    const late = createScriptedNode('late', () => new Promise(() => {}));
    registry.add(late);
    const upstream = router.forNode('a');
    expect(said(await upstream.request(post(['m', 'flood'])))).toBe('5.03 NODE_LOST');
    for (const { listener } of late.observers) listener.next(names(['other']));
    expect(said(await upstream.request(post(['m', 'flood'])))).toBe('4.04 NO_SUCH_ATOM');
  });

  test('a full inbox is answered as it is', async () => {
    const full = refusal('INBOX_FULL', { name: 'flood' });
    const { router } = setUp({ a: {}, b: { names: ['flood'], answer: () => full } });
    await settled();
    expect(await router.forNode('a').request(post(['m', 'flood']))).toBe(full);
  });
});

describe('a message to an alias', () => {
  const open = (answers: Readonly<Record<string, () => NodeResponse | Promise<NodeResponse>>>) => {
    const members = Object.entries(answers).map(([name, answer]) => [name, { aliases: ['all'], answer }]);
    return setUp({ a: { aliases: ['all'] }, ...Object.fromEntries(members) });
  };

  test('goes to every node with members but the sender, and to an atom of that name alone', async () => {
    const { router, node } = open({ b: () => changed, c: () => changed });
    await settled();
    expect(said(await router.forNode('a').request(post(['m', 'all'])))).toBe('2.04');
    expect(['a', 'b', 'c'].map((name) => node(name).requests.length)).toEqual([0, 1, 1]);
    node('c').notify(names(['all']));
    await router.forNode('a').request(post(['m', 'all']));
    expect(['a', 'b', 'c'].map((name) => node(name).requests.length)).toEqual([0, 1, 2]);
  });

  const full = () => refusal('INBOX_FULL', { name: 'all' });
  const gone = () => refusal('NO_SUCH_ATOM', { name: 'all' });
  const silent = () => Promise.reject(new RadonError('NODE_UNREACHABLE', { name: 'x' }));
  test.each([
    ['everybody took it', { b: () => changed, c: () => changed }, '2.04'],
    ['one is full', { b: () => changed, c: full }, '5.03 INBOX_FULL'],
    ['one is full, one is gone', { b: gone, c: full }, '5.03 INBOX_FULL'],
    ['one is silent, one is gone', { b: silent, c: gone }, '5.04 NODE_UNREACHABLE'],
    ['one is gone, one took it', { b: gone, c: () => changed }, '4.04 NO_SUCH_ATOM'],
  ])('is answered for all: %s', async (_, answers, outcome) => {
    const { router } = open(answers);
    await settled();
    expect(said(await router.forNode('a').request(post(['m', 'all'])))).toBe(outcome);
  });

  test('is tried again for a lost node before anything else is told', async () => {
    const { router, node } = open({ b: gone, c: () => changed });
    await settled();
    node('c').setLink('lost');
    expect(said(await router.forNode('a').request(post(['m', 'all'])))).toBe('5.03 NODE_LOST');
  });

  test('without members elsewhere is taken when members on its own node took it', async () => {
    const { router } = open({});
    await settled();
    const upstream = router.forNode('a');
    expect(said(await upstream.request(post(['m', 'all'], { ...message, flags: 4 })))).toBe('2.04');
    expect(said(await upstream.request(post(['m', 'all'], { ...message, flags: 1 })))).toBe(
      '4.04 NO_SUCH_ATOM',
    );
  });
});

describe('a message from outside', () => {
  const outside = (path: readonly string[], payload: Uint8Array, format?: number): UpstreamRequest => ({
    method: method.POST,
    path,
    query: ['ignored'],
    payload,
    contentFormat: format,
  });

  test('is its payload and goes wherever the name is', async () => {
    const { router, node } = setUp({ a: { names: ['rain'] }, b: { aliases: ['all'] } });
    await settled();
    for (const name of ['rain', 'all', 'rain~2'])
      expect(said(await router.outside.request(outside(['m', name], Uint8Array.of(5), 0)))).toBe('2.04');
    expect(node('a').requests).toMatchObject([
      { path: ['m', 'rain'], payload: Uint8Array.of(5), contentFormat: 0, query: [] },
      { path: ['m', 'rain~2'] },
    ]);
    expect(node('b').requests).toHaveLength(1);
  });

  test('in the name of an atom is forbidden, a large one is refused before it is sent', async () => {
    const { router, node } = setUp({ a: { names: ['rain'] } });
    await settled();
    const forged = outside(['m', 'rain'], encodeEnvelope(message), contentFormat.RADON_MESSAGE);
    expect(said(await router.outside.request(forged))).toBe('4.03 FORBIDDEN_HERE');
    const large = await router.outside.request(outside(['m', 'rain'], new Uint8Array(513)));
    expect(decodeProblem(large.payload)).toMatchObject({
      code: 'TOO_LARGE',
      details: { have: 513, limit: 512 },
    });
    expect(node('a').requests).toEqual([]);
  });
});

describe('the look at names', () => {
  test('follows what nodes tell, and nodes that come, go and come back', async () => {
    const { router, registry, node } = setUp({ a: {}, b: { names: ['old'] } });
    await settled();
    const upstream = router.forNode('a');
    const ask = async (name: string) => said(await upstream.request(post(['m', name])));
    node('b').notify(names(['new']));
    expect([await ask('old'), await ask('new')]).toEqual(['4.04 NO_SUCH_ATOM', '2.04']);
    await registry.remove('b');
    expect(await ask('new')).toBe('4.04 NO_SUCH_ATOM');
    registry.add(createScriptedNode('b', ({ path }) => (path[0] === 'names' ? names(['back']) : changed)));
    await settled();
    expect(await ask('back')).toBe('2.04');
  });

  test.each([
    ['no CBOR', response(0x45, Uint8Array.of(0xff), contentFormat.CBOR)],
    ['a list', response(0x45, encodeFields([1]), contentFormat.CBOR)],
    ['no names', response(0x45, encodeFields({ names: 5, aliases: [1, 'A', '~'] }), contentFormat.CBOR)],
    ['text', response(0x45, 'names', contentFormat.TEXT)],
    ['4.04', response(0x84)],
  ])('takes %s for a node without names', async (_, answer) => {
    const registry = createRegistry();
    registry.add(createScriptedNode('strange', () => answer));
    const router = createRouter({ registry });
    closers.push(() => router.close());
    await settled();
    expect(said(await router.forNode('a').request(post(['m', 'flood'])))).toBe('4.04 NO_SUCH_ATOM');
  });

  test('asks a node in trouble again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let answer = refusal('BUSY', { detail: 'much' });
    const registry = createRegistry();
    registry.add(createScriptedNode('b', ({ path }) => (path[0] === 'names' ? answer : changed)));
    const router = createRouter({ registry });
    closers.push(() => router.close());
    await settled();
    const ask = async () => said(await router.forNode('a').request(post(['m', 'flood'])));
    expect(await ask()).toBe('5.03 NODE_LOST');
    answer = names(['flood']) as typeof answer;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await ask()).toBe('2.04');
  });

  test('ends with the router', async () => {
    const { router, registry, node } = setUp({ a: {} });
    expect(registry.observations.size).toBe(1);
    await router.close();
    await router.close();
    expect([registry.observations.size, node('a').observers]).toEqual([0, []]);
  });
});

describe('a request of an atom', () => {
  const open = (answer: (request: NodeRequest) => NodeResponse | Promise<NodeResponse>) =>
    setUp({ a: {}, b: { answer } });

  test('reaches a resource of another node with one hop less', async () => {
    const { router, node } = open(() => response(0x45, 'wet', 0));
    const upstream = router.forNode('a');
    const asked = { ...get('nodes', 'b', 'a', 'rain', 'level'), query: ['u=mm'] };
    expect(said(await upstream.request(asked))).toBe('2.05');
    await upstream.request({ ...asked, method: method.PUT, payload: Uint8Array.of(1), hopLimit: 3 });
    expect(node('b').requests).toMatchObject([
      { method: 1, path: ['a', 'rain', 'level'], query: ['u=mm'], hopLimit: 7 },
      { method: 3, path: ['a', 'rain', 'level'], payload: Uint8Array.of(1), hopLimit: 2 },
    ]);
  });

  test.each([
    [method.GET, ['node'], '2.05'],
    [method.GET, ['atoms', 'rain'], '2.05'],
    [method.POST, ['m', 'rain'], '2.05'],
    [method.DELETE, ['a', 'rain', 'x'], '2.05'],
    [method.GET, ['atoms', 'rain', 'snapshot'], '4.03 FORBIDDEN_HERE'],
    [method.PUT, ['atoms', 'rain', 'snapshot'], '4.03 FORBIDDEN_HERE'],
    [method.POST, ['node'], '4.03 FORBIDDEN_HERE'],
    [method.PUT, ['io', 'led0'], '4.03 FORBIDDEN_HERE'],
    [method.DELETE, ['atoms', 'rain'], '4.03 FORBIDDEN_HERE'],
    [method.FETCH, ['log'], '4.03 FORBIDDEN_HERE'],
    [method.POST, [], '4.03 FORBIDDEN_HERE'],
  ])('with method %i of /%j is %s', async (asked, path, answer) => {
    const { router } = open(() => response(0x45));
    const request = { ...get('nodes', 'b', ...path), method: asked };
    expect(said(await router.forNode('a').request(request))).toBe(answer);
  });

  test('never speaks in the name of another atom', async () => {
    const { router, node } = open(() => changed);
    const forged = post(['nodes', 'b', 'm', 'rain']);
    expect(said(await router.forNode('a').request(forged))).toBe('4.03 FORBIDDEN_HERE');
    expect(node('b').requests).toEqual([]);
  });

  test.each([
    [{}, 'nowhere', '4.04 NO_SUCH_NODE'],
    [{ hopLimit: 1 }, 'b', '5.08 HOP_LIMIT'],
    [{ hopLimit: 0 }, 'b', '5.08 HOP_LIMIT'],
    [{}, 'lost', '5.03 NODE_LOST'],
    [{}, 'silent', '5.04 NODE_UNREACHABLE'],
  ])('with %j to %s is %s', async (further, name, answer) => {
    const silent = () => Promise.reject(new RadonError('NODE_UNREACHABLE', { name: 'silent' }));
    const { router, node } = setUp({ a: {}, b: {}, lost: {}, silent: { answer: silent } });
    node('lost').setLink('lost');
    const request = { ...get('nodes', name, 'node'), ...further };
    expect(said(await router.forNode('a').request(request))).toBe(answer);
    if (name === 'silent') return;
    const listener = record();
    router.forNode('a').observe({ ...request, path: ['nodes', name, 'a', 'x'] }, listener);
    expect(listener.told).toEqual([]);
    await settled();
    expect(listener.told).toEqual([`end ${answer}`]);
  });

  test('that goes in a circle ends', async () => {
    const nodes = ['a', 'b'] as const;
    const { router, node } = setUp({ a: {}, b: {} });
    let asked = 0;
    for (const [index, name] of nodes.entries()) {
      const other = nodes[1 - index] ?? '';
      node(name).request = (request) => {
        asked += 1;
        const hopLimit = (request.hopLimit ?? 8) - 1;
        return router.forNode(name).request({ ...get('nodes', other, 'a', 'x', 'y'), hopLimit });
      };
    }
    const answer = await router.forNode('a').request(get('nodes', 'b', 'a', 'x', 'y'));
    expect([said(answer), asked]).toEqual(['5.08 HOP_LIMIT', 4]);
  });

  test('observes across a loss of the node', async () => {
    const { router, node } = open(() => response(0x45, '1', 0));
    const listener = record();
    const observation = router.forNode('a').observe(get('nodes', 'b', 'a', 'rain', 'level'), listener);
    await settled();
    node('b').setLink('lost');
    node('b').setLink('up');
    node('b').notify(response(0x45, '2', 0));
    observation.close();
    node('b').notify(response(0x45, '3', 0));
    expect(listener.told).toEqual(['2.05', 'lost', 'back', '2.05']);
  });

  test('that is aborted rejects with the reason', async () => {
    const { router } = setUp({
      a: {},
      b: { answer: () => Promise.reject(new Error('aborted')) },
    });
    const signal = AbortSignal.abort(new Error('aborted'));
    await expect(router.forNode('a').request(get('nodes', 'b', 'x'), signal)).rejects.toThrow('aborted');
  });

  test('that meets a fault of the bridge is answered, and the fault reported', async () => {
    const { router, errors } = open(() => Promise.reject(new TypeError('a bug')));
    expect(said(await router.forNode('a').request(get('nodes', 'b', 'x')))).toBe('5.00 INTERNAL_ERROR');
    expect(errors).toEqual([new TypeError('a bug')]);
  });

  test('beyond 1,024 of a node at a time is refused, other nodes are not concerned', async () => {
    const { router } = setUp({ a: {}, c: {}, b: { answer: () => new Promise(() => {}) } });
    const upstream = router.forNode('a');
    const observations = [];
    for (let count = 0; count < 1_023; count += 1) void upstream.request(get('nodes', 'b', 'a', 'x'));
    observations.push(upstream.observe(get('nodes', 'b', 'a', 'x'), record()));
    expect(said(await upstream.request(get('nodes', 'c', 'x')))).toBe('5.03 BUSY');
    const listener = record();
    upstream.observe(get('nodes', 'c', 'x'), listener);
    await settled();
    expect(listener.told).toEqual(['end 5.03 BUSY']);
    expect(said(await router.forNode('c').request(get('nodes', 'a', 'x')))).toBe('2.04');
    for (const observation of observations) observation.close();
    expect(said(await upstream.request(get('nodes', 'c', 'x')))).toBe('2.04');
  });
});

import { describe, expect, test } from 'vitest';
import { type Answer, createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { encodeFields } from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';
import type { NodePort, NodeRequest, NodeResponse } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { contentFormat } from '../tables/index.ts';
import { type CacheOptions, createCache } from './cache.ts';

const none = new Uint8Array(0);
const tag = (text: string) => new TextEncoder().encode(text);
const get = (path: string, more: Partial<NodeRequest> = {}): NodeRequest => ({
  method: 1,
  path: path.split('/'),
  query: [],
  payload: none,
  ...more,
});
const post = (path: string): NodeRequest => get(path, { method: 2 });
const body = ({ payload }: NodeResponse) => new TextDecoder().decode(payload);

/** Every answer has a number, so that a kept one can be told from a new one. */
function setUp(answer?: Answer, options: CacheOptions = {}) {
  let time = 0;
  let count = 0;
  const numbered: Answer = ({ path }) => {
    if (path[0] === 'atoms') return response(0x84);
    count += 1;
    return { ...response(0x45, `${count}`, 0), maxAge: 10 };
  };
  const node = createScriptedNode('gauge-1', answer ?? numbered);
  const cache = createCache({ now: () => time, ...options });
  const registry = createRegistry(cache);
  registry.add(node);
  const port = registry.get('gauge-1') as NodePort;
  const ask = async (request: NodeRequest) => body(await port.request(request));
  const pass = (ms: number) => {
    time += ms;
  };
  const asked = () => node.requests.map(({ path }) => path.join('/')).filter((path) => path !== 'atoms');
  return { node, cache, registry, port, ask, pass, asked };
}

describe('an answer with Max-Age', () => {
  test('is given again with its age until that is over', async () => {
    const { port, pass, asked, cache } = setUp();
    expect(await port.request(get('a/rain/level'))).not.toHaveProperty('age');
    pass(9_999);
    expect(await port.request(get('a/rain/level'))).toMatchObject({ code: 0x45, age: 9, maxAge: 10 });
    pass(1);
    expect(body(await port.request(get('a/rain/level')))).toBe('2');
    expect(asked()).toHaveLength(2);
    expect(cache.statistics).toMatchObject({ hits: 1, misses: 2, entries: 1 });
  });

  test('stands for 60 seconds where the node names none, and is not kept with 0', async () => {
    let maxAge: number | undefined;
    const { ask, pass, asked } = setUp(() => ({ ...response(0x45, 'x'), maxAge }));
    await ask(get('other'));
    pass(59_999);
    await ask(get('other'));
    expect(asked()).toHaveLength(1);
    maxAge = 0;
    await ask(get('node'));
    await ask(get('node'));
    expect(asked()).toEqual(['other', 'node', 'node']);
  });

  test.each([
    ['path', get('a/rain/level'), get('a/rainlevel')],
    ['segments', get('a/x', { path: ['a', 'x/y'] }), get('a/x/y')],
    ['query', get('a/x', { query: ['b'] }), get('a/x')],
    ['query for path', get('a/x', { query: ['b'] }), get('a/x/b')],
    ['format', get('a/x', { accept: 0 }), get('a/x', { accept: 60 })],
  ])('is for the same %s only', async (_, one, other) => {
    const { ask } = setUp();
    expect(await ask(one)).toBe('1');
    expect(await ask(other)).toBe('2');
    expect(await ask(one)).toBe('1');
  });

  test('does not answer who wants the node itself, but takes the new answer', async () => {
    const { ask } = setUp();
    await ask(get('a/x'));
    expect(await ask(get('a/x', { noCache: true }))).toBe('2');
    expect(await ask(get('a/x'))).toBe('2');
  });

  test('answers 2.03 to who holds it', async () => {
    const etag = tag('v1');
    const { port, asked } = setUp(() => ({ ...response(0x45, 'x'), maxAge: 10, etag }));
    await port.request(get('a/x'));
    expect(await port.request(get('a/x', { etags: [tag('v0'), etag] }))).toMatchObject({ code: 0x43, etag });
    expect(await port.request(get('a/x', { etags: [tag('v0')] }))).toMatchObject({ code: 0x45 });
    expect(asked()).toHaveLength(1);
  });
});

describe('an answer that is no longer fresh', () => {
  test('is asked for with its tag, and fresh again after 2.03', async () => {
    const etag = tag('v1');
    const { node, port, pass, cache } = setUp(({ etags }) =>
      etags === undefined
        ? { ...response(0x45, 'x'), maxAge: 10, etag }
        : { code: 0x43, payload: none, etag, maxAge: 20 },
    );
    await port.request(get('a/x'));
    pass(10_000);
    expect(await port.request(get('a/x'))).toMatchObject({ code: 0x45, age: 0, maxAge: 20 });
    expect(node.requests.at(-1)?.etags).toEqual([etag]);
    pass(19_000);
    expect(await port.request(get('a/x'))).toMatchObject({ age: 19 });
    expect(cache.statistics).toMatchObject({ revalidated: 1, misses: 2, hits: 1 });
  });

  test('leaves a 2.03 for the tag of the client to the client', async () => {
    const other = tag('v2');
    const { port, pass } = setUp(({ etags }) =>
      etags === undefined
        ? { ...response(0x45, 'x'), maxAge: 10, etag: tag('v1') }
        : { code: 0x43, payload: none, etag: other, maxAge: 10 },
    );
    await port.request(get('a/x'));
    pass(10_000);
    expect(await port.request(get('a/x', { etags: [other] }))).toMatchObject({ code: 0x43, etag: other });
  });
});

describe('equal requests under way', () => {
  function setUpSlow() {
    const waiting: ((answer: NodeResponse) => void)[] = [];
    const set = setUp(() => new Promise<NodeResponse>((resolve) => waiting.push(resolve)));
    const land = (text: string) => waiting.shift()?.({ ...response(0x45, text), maxAge: 10 });
    return { ...set, land };
  }

  test('are one, also where nothing is kept', async () => {
    const { ask, land, asked, cache } = setUpSlow();
    const answers = [ask(get('x')), ask(get('x')), ask(get('y'))];
    land('x');
    land('y');
    expect(await Promise.all(answers)).toEqual(['x', 'x', 'y']);
    expect(asked()).toEqual(['x', 'y']);
    expect(cache.statistics).toMatchObject({ misses: 2, shared: 1 });
  });

  test('are not shared by who came over other hops', async () => {
    const { ask, land, asked } = setUpSlow();
    const answers = [ask(get('x', { hopLimit: 5 })), ask(get('x', { hopLimit: 4 }))];
    land('one');
    land('two');
    expect(await Promise.all(answers)).toEqual(['one', 'two']);
    expect(asked()).toHaveLength(2);
  });

  test('end with the node for who still waits, and with the signal for who does not', async () => {
    const { ask, port, land } = setUpSlow();
    const gone = new AbortController();
    const left = port.request(get('x'), gone.signal);
    const stays = ask(get('x'));
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    land('x');
    expect(await stays).toBe('x');
  });

  test('are over when all who waited have gone', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { node, cache } = setUp();
    const open = cache.inFront(
      {
        ...node,
        request: (_request, signal) => {
          signals.push(signal);
          return new Promise<NodeResponse>((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason));
          });
        },
      },
      createRegistry().observations,
    );
    const callers = [new AbortController(), new AbortController()];
    const left = callers.map(({ signal }) => open.request(get('x'), signal));
    for (const caller of callers) {
      expect(signals[0]?.aborted).toBe(false);
      caller.abort(new Error('gone'));
    }
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
    for (const answer of left) await expect(answer).rejects.toThrow('gone');
    void open.request(get('x'), new AbortController().signal);
    expect(signals).toHaveLength(2);
  });

  test('that were asked before a change are neither kept nor shared after it', async () => {
    const { ask, land } = setUpSlow();
    const before = ask(get('a/rain/level'));
    const change = ask(post('a/rain/reset'));
    const after = ask(get('a/rain/level'));
    land('old');
    land('');
    await Promise.all([before, change]);
    land('new');
    expect(await after).toBe('new');
    const again = ask(get('a/rain/level'));
    land('newest');
    expect(await again).toBe('newest');
  });
});

describe('is forgotten', () => {
  test.each([
    ['a request to the atom', 'a/rain/reset', ['a/sun/level', 'io/0']],
    ['a message to it', 'm/rain~2', ['a/sun/level', 'io/0']],
    ['a change of the node', 'atoms/rain', []],
    ['a change of a channel', 'io/0', []],
  ])('with %s', async (_, path, stays) => {
    const { ask, asked } = setUp();
    const all = ['a/rain/level', 'a/sun/level', 'io/0'];
    for (const each of all) await ask(get(each));
    await ask(post(path));
    const before = asked().length;
    for (const each of all) await ask(get(each));
    const again = asked().slice(before);
    expect(all.filter((each) => !again.includes(each))).toEqual(stays);
  });

  test('when a change fails, which may have been done', async () => {
    const { ask, port } = setUp(({ method }) => {
      if (method !== 1) throw new RadonError('NODE_UNREACHABLE', { name: 'gauge-1' });
      return { ...response(0x45, 'x'), maxAge: 10 };
    });
    await ask(get('a/rain/level'));
    await expect(port.request(post('a/rain/reset'))).rejects.toThrow();
    expect(await port.request(get('a/rain/level'))).not.toHaveProperty('age');
  });

  test('with the link, both ways, and with the node', async () => {
    const { node, ask, cache, registry } = setUp();
    await ask(get('x'));
    node.setLink('lost');
    expect(cache.statistics.entries).toBe(0);
    await ask(get('x'));
    node.setLink('up');
    expect(cache.statistics.entries).toBe(0);
    await ask(get('x'));
    await registry.remove('gauge-1');
    expect(cache.statistics).toMatchObject({ entries: 0, bytes: 0 });
    expect(node.isClosed).toBe(true);
  });

  test('with the phase, sequence or restarts of its atom', async () => {
    let rain = { name: 'rain', sequence: 1, phase: 'READY', restarts: 0, sent: 1 };
    const states = () => ({
      ...response(
        0x45,
        encodeFields([rain, { name: 'sun', sequence: 1, phase: 'READY' }]),
        contentFormat.CBOR,
      ),
    });
    const { node, ask, asked } = setUp(({ path }) =>
      path[0] === 'atoms' ? states() : { ...response(0x45, 'x'), maxAge: 10 },
    );
    expect(node.observers).toHaveLength(0);
    const readings = ['a/rain/level', 'a/sun/level'];
    const readAll = async () => {
      for (const each of readings) await ask(get(each));
    };
    await readAll();
    await readAll();
    expect(node.observers).toHaveLength(1);
    for (const change of [{ sent: 2 }, { phase: 'STOPPED' }, { sequence: 2 }, { restarts: 1 }]) {
      rain = { ...rain, ...change };
      node.notify(states());
      await readAll();
    }
    expect(asked()).toEqual([...readings, 'a/rain/level', 'a/rain/level', 'a/rain/level']);
  });

  test('in favour of what an observer is told', async () => {
    const { node, port, ask } = setUp();
    await ask(get('a/x'));
    const heard: string[] = [];
    const listener = {
      next: (value: NodeResponse) => heard.push(body(value)),
      lost() {},
      back() {},
      end() {},
    };
    port.observe(get('a/x'), listener);
    await expect.poll(() => heard).toEqual(['2']);
    node.notify({ ...response(0x45, 'told'), maxAge: 10 });
    expect(await ask(get('a/x'))).toBe('told');
    node.notify(response(0x45, 'fleeting'));
    expect(await ask(get('a/x'))).not.toBe('told');
  });
});

test.each([0x84, 0xa0, 0xa3, 0x44])('an answer of code %i is not kept', async (code) => {
  const { port, asked } = setUp(() => ({ ...response(code, 'x'), maxAge: 10 }));
  await port.request(get('x'));
  await port.request(get('x'));
  expect(asked()).toHaveLength(2);
});

test('FETCH goes to the node and forgets nothing', async () => {
  const { ask, asked } = setUp();
  await ask(get('x'));
  await ask(get('x', { method: 5 }));
  await ask(get('x', { method: 5 }));
  expect(await ask(get('x'))).toBe('1');
  expect(asked()).toHaveLength(3);
});

describe('bounds', () => {
  test('what was not used the longest goes when there are too many', async () => {
    const { ask, asked, cache } = setUp(undefined, { maxEntries: 2 });
    for (const path of ['x', 'y', 'x', 'z', 'x', 'y']) await ask(get(path));
    expect(asked()).toEqual(['x', 'y', 'z', 'y']);
    expect(cache.statistics.entries).toBe(2);
  });

  test('bytes are bounded, for one and for all', async () => {
    const answer: Answer = ({ path }) => ({
      ...response(0x45, new Uint8Array(path[0] === 'big' ? 5_001 : 5_000)),
      maxAge: 10,
    });
    const { ask, cache } = setUp(answer, { maxBytes: 12_000, maxPayload: 5_000 });
    await ask(get('big'));
    expect(cache.statistics).toMatchObject({ entries: 0, bytes: 0 });
    for (const path of ['x', 'y', 'z']) await ask(get(path));
    expect(cache.statistics.entries).toBe(2);
    expect(cache.statistics.bytes).toBeLessThanOrEqual(12_000);
    await ask(post('x'));
    expect(cache.statistics.bytes).toBe(0);
  });
});

import { describe, expect, test, vi } from 'vitest';
import { createScriptedNode, response, type ScriptedNode } from '../../../test/support/scripted-node.ts';
import { RadonError } from '../problem/error.ts';
import type { NodeKind, NodePort } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { encodeSenmlCbor, type SenmlPack } from '../senml/index.ts';
import { firstAnswer } from './fail-over.ts';
import { figuresOf, readingOf } from './figures.ts';
import type { Providers } from './provider.ts';
import { selectionOf } from './selection.ts';
import { createServices } from './services.ts';

interface Told {
  readonly links?: string;
  readonly roundTripMs?: number;
  readonly fresh?: boolean;
  readonly kind?: NodeKind;
}

function setUp(nodes: Record<string, Told>) {
  let time = 0;
  const registry = createRegistry();
  const links = new Map(Object.entries(nodes).map(([name, told]) => [name, told.links ?? '']));
  const scripted = new Map<string, ScriptedNode>();
  for (const [name, { roundTripMs, fresh = false, kind }] of Object.entries(nodes)) {
    const node = createScriptedNode(name, () => response(0x45, links.get(name), 40), kind);
    scripted.set(name, node);
    registry.add({ ...node, isFresh: () => fresh, state: () => ({ ...node.state(), roundTripMs }) });
  }
  const services = createServices(registry, { now: () => time });
  const hrefs = async (type: string) =>
    (await services.find(selectionOf(type, []), [undefined])).map(({ href }) => href);
  const reads = (name: string) => scripted.get(name)?.requests.length;
  const pass = (ms: number) => {
    time += ms;
  };
  return { services, hrefs, links, scripted, reads, pass };
}

const level = '</a/rain/level>;rt="rain level"';

describe('services', () => {
  test('are listed by type, with who has them by name', async () => {
    const { services } = setUp({ b: { links: level }, a: { links: `</x>,</y>;rt=rain,</z>;rt` } });
    expect(await services.list()).toEqual([
      { rt: 'level', providers: ['/nodes/b/a/rain/level'] },
      { rt: 'rain', providers: ['/nodes/a/y', '/nodes/b/a/rain/level'] },
    ]);
  });

  test('are asked for where the answer is fresh, then where it comes soonest, then by name', async () => {
    const { hrefs } = setUp({
      e: { links: level, roundTripMs: 50 },
      d: { links: level, roundTripMs: 2 },
      c: { links: level, roundTripMs: 2 },
      new: { links: level },
      bridge: { links: level, kind: 'host' },
      kept: { links: level, roundTripMs: 90, fresh: true },
      none: { links: '</a/rain/level>;rt="rain.level"' },
    });
    const order = ['kept', 'bridge', 'c', 'd', 'e', 'new'];
    expect(await hrefs('rain')).toEqual(order.map((name) => `/nodes/${name}/a/rain/level`));
  });

  test('of nodes that are lost are not asked for', async () => {
    const { hrefs, scripted } = setUp({ a: { links: level }, b: { links: level } });
    expect(await hrefs('rain')).toHaveLength(2);
    scripted.get('a')?.setLink('lost');
    expect(await hrefs('rain')).toEqual(['/nodes/b/a/rain/level']);
    scripted.get('b')?.setLink('lost');
    await expect(hrefs('rain')).rejects.toMatchObject({ code: 'NODE_UNREACHABLE', details: { name: 'a' } });
    await expect(hrefs('sun')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('of links that lead elsewhere or nowhere are none', async () => {
    const links =
      '<coap://other/x>;rt=x,</atoms/x/snapshot>;rt=x,</y?z>;rt=x,</%E4>;rt=x,<a/%C3%A4%2Fb>;rt=x';
    const { services } = setUp({ a: { links } });
    const [provider, ...others] = await services.find(selectionOf('x', []), []);
    expect(provider).toMatchObject({ path: ['a', 'ä/b'], href: '/nodes/a/a/%C3%A4%2Fb' });
    expect(others).toEqual([]);
  });

  test('are looked up in links that are kept, and read again behind the caller', async () => {
    const { hrefs, reads, pass, links } = setUp({ a: { links: level } });
    for (const _ of [1, 2, 3]) await hrefs('rain');
    expect(reads('a')).toBe(1);
    links.set('a', '</new>;rt=rain');
    pass(5_001);
    expect(await hrefs('rain')).toEqual(['/nodes/a/a/rain/level']);
    await expect.poll(() => hrefs('rain')).toEqual(['/nodes/a/new']);
    expect(reads('a')).toBe(2);
  });

  test('that nobody had are looked for again, but not all the time', async () => {
    const { hrefs, reads, pass, links } = setUp({ a: {} });
    await expect(hrefs('rain')).rejects.toThrow();
    await expect(hrefs('rain')).rejects.toThrow();
    expect(reads('a')).toBe(1);
    links.set('a', level);
    pass(501);
    expect(await hrefs('rain')).toHaveLength(1);
  });

  test('of a node that came back or was wrong are read again', async () => {
    const { services, hrefs, reads } = setUp({ a: { links: level } });
    const [provider] = await services.find(selectionOf('rain', []), []);
    services.forget(provider);
    await hrefs('rain');
    expect(reads('a')).toBe(2);
  });
});

describe('the first answer', () => {
  const providers = (...names: string[]) =>
    names.map((name) => ({ node: { name } as NodePort, path: [], href: name })) as unknown as Providers;
  const failed = (answer: string) => answer.startsWith('bad');

  test.each([
    [['good'], 'good', 1],
    [['bad', 'good', 'better'], 'good', 2],
    [['bad', 'bad again', 'bad too'], 'bad too', 3],
    [['bad'], 'bad', 1],
  ])('of %j is %s', async (answers, expected, count) => {
    const asked: string[] = [];
    const ask = async ({ href }: { readonly href: string }) => {
      asked.push(href);
      return href;
    };
    expect(await firstAnswer(providers(...answers), ask, failed)).toBe(expected);
    expect(asked).toHaveLength(count);
  });

  test('is not that of one that cannot be reached, unless there is no other', async () => {
    const ask = async ({ node: { name } }: { readonly node: NodePort }) => {
      if (name !== 'c') throw new RadonError('NODE_UNREACHABLE', { name });
      return name;
    };
    expect(await firstAnswer(providers('a', 'b', 'c'), ask, failed)).toBe('c');
    await expect(firstAnswer(providers('a', 'b'), ask, failed)).rejects.toMatchObject({
      details: { name: 'b' },
    });
  });

  test('is not waited for where the request itself is wrong', async () => {
    const asked: string[] = [];
    const ask = async ({ href }: { readonly href: string }): Promise<string> => {
      asked.push(href);
      throw new RadonError('NOT_ACCEPTABLE', { name: href });
    };
    await expect(firstAnswer(providers('a', 'b'), ask, failed)).rejects.toMatchObject({
      code: 'NOT_ACCEPTABLE',
    });
    expect(asked).toEqual(['a']);
  });

  test('is not waited for forever, but from the last', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const ask = ({ href }: { readonly href: string }, signal?: AbortSignal) => {
      signals.push(signal);
      if (href === 'b') return Promise.resolve(href);
      return new Promise<string>((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    };
    vi.useFakeTimers();
    const answer = firstAnswer(providers('a', 'b'), ask, failed);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(signals).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    expect(await answer).toBe('b');
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, undefined]);
  });
});

describe('figures', () => {
  const reading = (value: number, unit?: string, time = 0) => ({ value, unit, time });

  test.each([
    [[], {}],
    [[reading(2)], { latest: 2, min: 2, mean: 2, max: 2 }],
    [
      [reading(1, 'mm', 5), reading(3, 'mm', 9), reading(2, 'mm', 7)],
      { unit: 'mm', latest: 3, min: 1, mean: 2, max: 3 },
    ],
    [[reading(1, 'mm'), reading(2, 'Cel')], {}],
    [[reading(1, 'mm'), reading(2)], {}],
  ])('of %j are %j', (readings, figures) => {
    expect(figuresOf(readings)).toEqual(figures);
  });

  test.each<[SenmlPack, object | undefined]>([
    [
      [
        { n: 'a', v: 1, u: 'mm' },
        { n: 'b', vs: 'x' },
      ],
      { value: 1, unit: 'mm', time: 1_700_000_000 },
    ],
    [[{ v: 1, t: -5 }], { value: 1, unit: undefined, time: 1_699_999_995 }],
    [[{ bt: 1_600_000_000, bv: 5, bu: 'V', v: 1, t: 3 }], { value: 6, unit: 'V', time: 1_600_000_003 }],
    [[{ v: 1 }, { v: 2 }], { value: 2, unit: undefined, time: 1_700_000_000 }],
    [[{ vs: 'x' }], undefined],
  ])('take of %j the last number', (pack, expected) => {
    expect(readingOf(response(0x45, encodeSenmlCbor(pack), 112), 1_700_000_000)).toEqual(expected);
  });

  test('take nothing of what is no SenML', () => {
    for (const format of [0, 50, 60, 110, 112, undefined])
      expect(readingOf(response(0x45, '12', format), 0)).toBeUndefined();
  });
});

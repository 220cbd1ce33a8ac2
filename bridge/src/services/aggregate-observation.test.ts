import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type Answer,
  createScriptedNode,
  response,
  type ScriptedNode,
} from '../../../test/support/scripted-node.ts';
import { formatCode } from '../coap/codes.ts';
import { decodeForeignCbor } from '../fields/index.ts';
import type { NodeResponse } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { encodeSenmlCbor } from '../senml/index.ts';
import type { Aggregate } from './aggregate.ts';
import { createServices } from './services.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const links = response(0x45, '</a/rain/level>;rt=rain', 40);
const reads = (v: number, u = 'mm') => response(0x45, encodeSenmlCbor([{ n: 'level', u, v }]), 112);

function gauge(name: string, answer: Answer): ScriptedNode {
  return createScriptedNode(name, (request) => (request.path[0] === '.well-known' ? links : answer(request)));
}

function open(nodes: readonly ScriptedNode[], accept = 50) {
  const registry = createRegistry();
  for (const node of nodes) registry.add(node);
  const documents: Aggregate[] = [];
  const ends: string[] = [];
  const parse = ({ payload }: NodeResponse) =>
    accept === 50 ? JSON.parse(new TextDecoder().decode(payload)) : decodeForeignCbor(payload);
  const observation = createServices(registry).observe('rain', ['all'], accept, {
    next: (told) => documents.push(parse(told)),
    lost: () => ends.push('lost'),
    back: () => ends.push('back'),
    end: ({ code }) => ends.push(formatCode(code)),
  });
  const last = () => documents.at(-1);
  return { registry, documents, last, ends, close: () => observation.close() };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test.each([50, 60])('the first document is there when all have answered (format %i)', async (accept) => {
  const { documents } = open([gauge('b', () => reads(3)), gauge('a', () => reads(1))], accept);
  await pass(0);
  expect(documents).toEqual([
    {
      rt: 'rain',
      count: 2,
      unit: 'mm',
      latest: 1,
      min: 1,
      mean: 2,
      max: 3,
      providers: [
        { href: '/nodes/a/a/rain/level', value: [{ n: 'level', u: 'mm', v: 1 }] },
        { href: '/nodes/b/a/rain/level', value: [{ n: 'level', u: 'mm', v: 3 }] },
      ],
    },
  ]);
});

test('who does not answer within 3 seconds is an error, until it does', async () => {
  let answer: (response: NodeResponse) => void = () => {};
  const slow = gauge('b', () => new Promise((resolve) => (answer = resolve)));
  const { documents, last } = open([gauge('a', () => reads(1)), slow]);
  await pass(2_999);
  expect(documents).toEqual([]);
  await pass(1);
  expect(last()).toMatchObject({ count: 1, providers: [{}, { error: { title: 'NODE_UNREACHABLE' } }] });
  answer(reads(5));
  await pass(1_000);
  expect(last()).toMatchObject({ count: 2, max: 5 });
});

test('changes are told at most once a second, the newest last, and what is the same not at all', async () => {
  const node = gauge('a', () => reads(1));
  const { documents, last } = open([node]);
  await pass(1_000);
  for (let mm = 2; mm <= 50; mm += 1) {
    node.notify(reads(mm));
    await pass(50);
  }
  await pass(1_000);
  expect(documents.length).toBeGreaterThanOrEqual(4);
  expect(documents.length).toBeLessThanOrEqual(5);
  expect(last()).toMatchObject({ max: 50 });
  const { length } = documents;
  node.notify(reads(50));
  await pass(20_000);
  expect(documents).toHaveLength(length);
});

test('who comes, is lost, is back and goes is in the next document', async () => {
  const [a, b] = [gauge('a', () => reads(1)), gauge('b', () => reads(2, 'in'))];
  const { registry, last, ends } = open([a]);
  await pass(1_000);
  registry.add(b);
  await pass(1_000);
  expect(last()).toMatchObject({ count: 2 });
  expect(last()).not.toHaveProperty('mean');
  a.setLink('lost');
  await pass(1_000);
  expect(last()).toMatchObject({ count: 1, unit: 'in', providers: [{ error: {} }, {}] });
  a.setLink('up');
  a.notify(reads(7));
  await pass(1_000);
  expect(last()).toMatchObject({ count: 2, providers: [{ value: [{ v: 7 }] }, {}] });
  await registry.remove('b');
  await pass(1_000);
  expect(last()).toMatchObject({ count: 1, unit: 'mm', mean: 7 });
  expect(ends).toEqual([]);
});

test('what cannot be observed is asked now and then', async () => {
  let mm = 1;
  const node = gauge('a', () => reads(mm));
  const { last } = open([node]);
  await pass(0);
  node.observers[0]?.listener.end(reads(1));
  mm = 4;
  await pass(6_000);
  expect(last()).toMatchObject({ count: 1, max: 4 });
});

test.each([50, 60])(
  'a provider whose document has no end of levels spoils nothing (format %i)',
  async (accept) => {
    const nested = (levels: number) => response(0x45, '['.repeat(levels) + ']'.repeat(levels), 50);
    const node = gauge('b', () => nested(60));
    const { last } = open([gauge('a', () => reads(1)), node], accept);
    await pass(1_000);
    expect(last()).toMatchObject({ count: 2, mean: 1, providers: [{}, { value: expect.any(Array) }] });
    for (const levels of [61, 3_000, 20_000]) {
      node.notify(nested(levels));
      await pass(1_000);
      expect(last()).toMatchObject({ providers: [{}, { value: '['.repeat(levels) + ']'.repeat(levels) }] });
    }
  },
);

test('there is no stream where nobody can be asked', async () => {
  const { ends, documents } = open([]);
  await pass(60_000);
  expect([ends, documents]).toEqual([['4.04'], []]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a listener that goes leaves nothing behind, also before it was told anything', async () => {
  const node = gauge('a', () => reads(1));
  const { close, documents } = open([node]);
  close();
  await pass(10_000);
  expect([documents, node.observers, vi.getTimerCount()]).toEqual([[], [], 0]);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type Answer,
  createScriptedNode,
  response,
  type ScriptedNode,
} from '../../../test/support/scripted-node.ts';
import { formatCode } from '../coap/codes.ts';
import type { NodeResponse } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { createServices } from './services.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const level = '</a/rain/level>;rt=rain';
const says = (text: string) => response(0x45, text, 0);
const silent: Answer = () => new Promise<NodeResponse>(() => {});

/** A node with a rain gauge. */
function gauge(name: string, answer: Answer = () => says(`${name} 1`), links = () => level): ScriptedNode {
  return createScriptedNode(name, (request) =>
    request.path[0] === '.well-known' ? response(0x45, links(), 40) : answer(request),
  );
}

function open(nodes: readonly ScriptedNode[], tags?: ReadonlyMap<string, readonly string[]>) {
  const registry = createRegistry(tags && { tags });
  for (const node of nodes) registry.add(node);
  const services = createServices(registry);
  const observe = (type = 'rain', query: readonly string[] = [], accept?: number, waits = false) => {
    const told: string[] = [];
    const listener: Parameters<typeof services.observe>[3] = {
      next: ({ payload, provider }) =>
        told.push(`${provider?.node.name}: ${new TextDecoder().decode(payload)}`),
      lost: () => told.push('lost'),
      back: () => told.push('back'),
      end: ({ code }) => told.push(`end ${formatCode(code)}`),
    };
    const observation = services.observe(type, query, accept, listener, waits);
    return { told, close: () => observation.close() };
  };
  return { registry, observe };
}

const settled = () => vi.advanceTimersByTimeAsync(0);
const observers = (nodes: readonly ScriptedNode[]) => nodes.map((node) => node.observers.length);

/** The node was started again: it tells what it has now. */
function comeBack(node: ScriptedNode, text: string): void {
  node.setLink('up');
  node.notify(says(text));
}

test('a stream goes on with the next provider, and stays with it', async () => {
  const nodes = [gauge('a'), gauge('b')] as const;
  const { told } = open(nodes).observe();
  await settled();
  nodes[0].notify(says('a 2'));
  nodes[0].setLink('lost');
  await settled();
  expect(told).toEqual(['a: a 1', 'a: a 2', 'lost', 'back', 'b: b 1']);
  comeBack(nodes[0], 'a 3');
  nodes[1].notify(says('b 2'));
  await settled();
  expect(told.slice(5)).toEqual(['b: b 2']);
  expect(observers(nodes)).toEqual([0, 1]);
});

test('while there is nobody the stream waits; who was there last may be the first that is back', async () => {
  const nodes = [gauge('a'), gauge('b')] as const;
  const { told } = open(nodes).observe();
  await settled();
  nodes[1].setLink('lost');
  nodes[0].setLink('lost');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(['a: a 1', 'lost']);
  comeBack(nodes[0], 'a 2');
  await settled();
  expect(told.slice(2)).toEqual(['back', 'a: a 2']);
  expect(observers(nodes)).toEqual([1, 0]);
});

test('a node that is new takes over where there is nobody', async () => {
  const nodes = [gauge('a'), gauge('c')] as const;
  const { registry, observe } = open(nodes.slice(0, 1));
  const { told } = observe();
  await settled();
  nodes[0].setLink('lost');
  await settled();
  registry.add(nodes[1]);
  await settled();
  expect(told).toEqual(['a: a 1', 'lost', 'back', 'c: c 1']);
  expect(observers(nodes)).toEqual([0, 1]);
});

test('an atom that comes to a node that is there is found within seconds', async () => {
  let links = '';
  const nodes = [gauge('a'), gauge('b', undefined, () => links)] as const;
  const { told } = open(nodes).observe();
  await settled();
  nodes[0].setLink('lost');
  await vi.advanceTimersByTimeAsync(7_000);
  links = level;
  await vi.advanceTimersByTimeAsync(12_000);
  expect(told).toEqual(['a: a 1', 'lost', 'back', 'b: b 1']);
});

test.each<[string, (node: ScriptedNode, remove: () => Promise<void>) => unknown]>([
  ['leaves the bridge', (_, remove) => remove()],
  ['loses its atom', (node) => node.observers[0]?.listener.end(response(0x84))],
  ['observes no longer', (node) => node.observers[0]?.listener.end(response(0x45))],
])('a provider that %s is followed by the next', async (_, leave) => {
  const nodes = [gauge('a'), gauge('b')] as const;
  const { registry, observe } = open(nodes);
  const { told } = observe();
  await settled();
  await leave(nodes[0], () => registry.remove('a'));
  await settled();
  expect(told.slice(0, 3)).toEqual(['a: a 1', 'lost', 'back']);
});

test('a provider that always ends what it began is asked again every few seconds, not all the time', async () => {
  const node: ScriptedNode = gauge('a', () => {
    setTimeout(() => node.observers.at(-1)?.listener.end(response(0x45)), 10);
    return says('a');
  });
  const { told, close } = open([node]).observe();
  await vi.advanceTimersByTimeAsync(20_000);
  const losses = told.filter((event) => event === 'lost').length;
  expect(losses).toBeGreaterThanOrEqual(3);
  expect(losses).toBeLessThanOrEqual(5);
  close();
});

test('one that does not answer within 3 seconds is passed over', async () => {
  const nodes = [gauge('a'), gauge('b', silent), gauge('c')] as const;
  const { told } = open(nodes).observe();
  await settled();
  nodes[0].setLink('lost');
  await vi.advanceTimersByTimeAsync(2_999);
  expect(told).toEqual(['a: a 1', 'lost']);
  await vi.advanceTimersByTimeAsync(1);
  expect(told.slice(2)).toEqual(['back', 'c: c 1']);
  expect(observers(nodes)).toEqual([0, 0, 1]);
});

test('where the old one returns while another is asked, it goes on', async () => {
  const nodes = [gauge('a'), gauge('b', silent)] as const;
  const { told } = open(nodes).observe();
  await settled();
  nodes[0].setLink('lost');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(observers(nodes)).toEqual([1, 1]);
  comeBack(nodes[0], 'a 2');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual(['a: a 1', 'lost', 'back', 'a: a 2']);
  expect(observers(nodes)).toEqual([1, 0]);
});

test('every provider is asked for the format of the first value', async () => {
  const nodes = [gauge('a', () => response(0x45, 'x', 112)), gauge('b')] as const;
  open(nodes).observe();
  await settled();
  expect(nodes[0].observers[0]?.request.accept).toBeUndefined();
  nodes[0].setLink('lost');
  await settled();
  expect(nodes[1].observers[0]?.request.accept).toBe(112);
});

test.each<[string, readonly Answer[], string]>([
  ['answers an error', [() => response(0xa0), () => response(0x83)], 'end 4.03'],
  ['has lost its atom', [() => response(0x84)], 'end 4.04'],
])('there is no stream where everybody %s: the last answer is the reply', async (_, answers, end) => {
  const nodes = answers.map((answer, index) => gauge(`n${index}`, answer));
  const { told } = open(nodes).observe();
  await settled();
  expect(told).toEqual([end]);
  expect(observers(nodes)).toEqual(nodes.map(() => 0));
  expect(vi.getTimerCount()).toBe(0);
});

test('there is no stream of what nobody has, or lost nodes alone', async () => {
  const node = gauge('a');
  const { observe } = open([node]);
  const none = observe('sun');
  const { close } = observe();
  await settled();
  expect(none.told).toEqual(['end 4.04']);
  close();
  node.setLink('lost');
  const lost = observe();
  await settled();
  expect(lost.told).toEqual(['end 5.04']);
});

test('a hundred listeners are one observation of one provider, and one fail-over', async () => {
  const nodes = [gauge('a'), gauge('b')] as const;
  const { observe } = open(nodes);
  const listeners = Array.from({ length: 100 }, () => observe());
  await settled();
  expect(observers(nodes)).toEqual([1, 0]);
  nodes[0].setLink('lost');
  await settled();
  expect(observers(nodes)).toEqual([0, 1]);
  const late = observe();
  await settled();
  expect(late.told).toEqual(['b: b 1']);
  for (const { told } of listeners) expect(told).toEqual(['a: a 1', 'lost', 'back', 'b: b 1']);
  for (const { close } of [...listeners, late]) close();
  expect(observers(nodes)).toEqual([0, 0]);
});

test('a listener that goes while the next provider is asked leaves nothing behind', async () => {
  const nodes = [gauge('a'), gauge('b', silent)] as const;
  const { told, close } = open(nodes).observe();
  await settled();
  nodes[0].setLink('lost');
  await vi.advanceTimersByTimeAsync(1_000);
  close();
  comeBack(nodes[0], 'a 2');
  await settled();
  expect(told).toEqual(['a: a 1', 'lost']);
  expect(observers(nodes)).toEqual([0, 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a listener that goes before anybody was found leaves nothing behind', async () => {
  const nodes = [gauge('a')];
  const { told, close } = open(nodes).observe();
  close();
  await settled();
  expect([told, observers(nodes)]).toEqual([[], [0]]);
});

test('who comes back waits also where there is nobody at first, and is told of everything once', async () => {
  const node = gauge('a');
  const { registry, observe } = open([]);
  const waiting = Array.from({ length: 3 }, () => observe('rain', [], undefined, true));
  await vi.advanceTimersByTimeAsync(12_000);
  registry.add(node);
  await settled();
  node.setLink('lost');
  comeBack(node, 'a 2');
  await settled();
  for (const { told } of waiting) expect(told).toEqual(['lost', 'back', 'a: a 1', 'lost', 'back', 'a: a 2']);
  expect(node.observers).toHaveLength(1);
  for (const { close } of waiting) close();
  expect([node.observers.length, vi.getTimerCount()]).toEqual([0, 0]);
});

test('tags choose among the providers, and are not told to them', async () => {
  const nodes = [gauge('a'), gauge('b'), gauge('c')] as const;
  const tags = new Map([
    ['b', ['roof', 'rain']],
    ['c', ['roof']],
  ]);
  const { told } = open(nodes, tags).observe('rain', ['tag=roof', 'tag=rain', 'unit=mm']);
  await settled();
  expect(told).toEqual(['b: b 1']);
  expect(nodes[1].observers[0]?.request.query).toEqual(['unit=mm']);
  nodes[1].setLink('lost');
  await settled();
  expect(told).toEqual(['b: b 1', 'lost']);
});

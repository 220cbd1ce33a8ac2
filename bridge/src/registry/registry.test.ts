import { describe, expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createRegistry, type NodeRequest, type ObservationListener } from './index.ts';
import { createObservationHub } from './observation-hub.ts';

const request = (...path: string[]): NodeRequest => ({
  method: 1,
  path,
  query: [],
  payload: new Uint8Array(0),
});
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const settled = () => new Promise((resolve) => setImmediate(resolve));

function record(): ObservationListener & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    next: ({ payload }) => told.push(text(payload)),
    lost: () => told.push('lost'),
    back: () => told.push('back'),
    end: ({ code }) => told.push(`end ${code}`),
  };
}

describe('registry', () => {
  test('lists nodes by name and tells what changes', async () => {
    const registry = createRegistry();
    let changes = 0;
    const stop = registry.watch(() => {
      changes += 1;
    });
    const b = createScriptedNode('b', () => response(0x45));
    registry.add(b);
    registry.add(createScriptedNode('a', () => response(0x45)));
    expect(registry.list().map(({ name }) => name)).toEqual(['a', 'b']);
    b.setLink('lost');
    expect(changes).toBe(3);
    await registry.remove('b');
    expect(b.isClosed).toBe(true);
    expect(registry.get('b')).toBeUndefined();
    expect(changes).toBe(4);
    stop();
    await registry.remove('a');
    expect(changes).toBe(4);
  });

  test('ends the observations of a node that is removed', async () => {
    const registry = createRegistry();
    const node = createScriptedNode('a', () => response(0x45, '1'));
    registry.add(node);
    const listener = record();
    const observation = registry.observations.observe(node, request('x'), listener);
    await settled();
    await registry.remove('a');
    expect(listener.told).toEqual(['1', `end ${0xa4}`]);
    expect(registry.observations.size).toBe(0);
    observation.close();
    expect(listener.told).toHaveLength(2);
  });

  test('refuses a second node of a name and keeps the first', () => {
    const registry = createRegistry();
    const first = createScriptedNode('a', () => response(0x45));
    registry.add(first);
    expect(() => registry.add(createScriptedNode('a', () => response(0x45)))).toThrow(
      'two nodes are named a',
    );
    expect(registry.get('a')).toBe(first);
  });

  test.each([
    ['an error', response(0x84)],
    ['no link format', response(0x45, '<', 40)],
    ['another format', response(0x45, '</a>', 0)],
  ])('a node whose discovery is %s keeps the links it had', async (_, answer) => {
    const registry = createRegistry();
    let current = response(0x45, '</a/x>;obs', 40);
    const node = createScriptedNode('a', () => current);
    registry.add(node);
    expect(await registry.links(node)).toEqual([{ href: '/a/x', attributes: { obs: true } }]);
    current = answer;
    expect(await registry.links(node)).toHaveLength(1);
  });

  test('close closes every node, once', async () => {
    const registry = createRegistry();
    const node = createScriptedNode('a', () => response(0x45));
    registry.add(node);
    await registry.close();
    await registry.close();
    expect(node.isClosed).toBe(true);
    expect(registry.list()).toEqual([]);
  });
});

describe('shared observations', () => {
  test('a late listener gets the latest value, also of a lost node', async () => {
    const hub = createObservationHub();
    const node = createScriptedNode('a', () => response(0x45, '1'));
    const [first, late] = [record(), record()];
    hub.observe(node, request('x'), first);
    await settled();
    node.notify(response(0x45, '2'));
    node.setLink('lost');
    hub.observe(node, request('x'), late);
    await settled();
    expect(late.told).toEqual(['2', 'lost']);
    node.setLink('up');
    expect(first.told).toEqual(['1', '2', 'lost', 'back']);
    expect(late.told).toEqual(['2', 'lost', 'back']);
    expect(hub.size).toBe(1);
  });

  test('a late listener hears once of what happens while it comes', async () => {
    const hub = createObservationHub();
    const node = createScriptedNode('a', () => response(0x45, '1'));
    hub.observe(node, request('x'), record());
    await settled();
    const [told, ended] = [record(), record()];
    queueMicrotask(() => {
      node.notify(response(0x45, '2'));
      node.setLink('lost');
    });
    hub.observe(node, request('x'), told);
    await settled();
    expect(told.told).toEqual(['2', 'lost']);
    queueMicrotask(() => node.observers[0]?.listener.end(response(0x84)));
    hub.observe(node, request('x'), ended);
    await settled();
    expect(ended.told).toEqual(['end 132']);
  });

  test('other queries, formats and nodes are other observations', () => {
    const hub = createObservationHub();
    const [a, b] = ['a', 'b'].map((name) => createScriptedNode(name, () => response(0x45)));
    if (a === undefined || b === undefined) throw new Error('no nodes');
    hub.observe(a, request('x', 'y'), record());
    hub.observe(a, request('x/y'), record());
    hub.observe(a, { ...request('x', 'y'), query: ['q'] }, record());
    hub.observe(a, { ...request('x', 'y'), accept: 50 }, record());
    hub.observe(b, request('x', 'y'), record());
    expect(hub.size).toBe(5);
    hub.close();
    expect(hub.size).toBe(0);
    expect([a.observers, b.observers]).toEqual([[], []]);
  });

  test('an end reaches every listener, and the next one starts afresh', async () => {
    const hub = createObservationHub();
    const node = createScriptedNode('a', () => response(0x84));
    const listeners = [record(), record()];
    for (const listener of listeners) hub.observe(node, request('x'), listener);
    await settled();
    expect(listeners.map(({ told }) => told)).toEqual([['end 132'], ['end 132']]);
    expect(hub.size).toBe(0);
    hub.observe(node, request('x'), record());
    expect(hub.size).toBe(1);
  });

  test('a listener that left hears nothing more, closing twice harms nobody', async () => {
    const hub = createObservationHub();
    const node = createScriptedNode('a', () => response(0x45, '1'));
    const [gone, stays] = [record(), record()];
    const observation = hub.observe(node, request('x'), gone);
    hub.observe(node, request('x'), stays);
    observation.close();
    observation.close();
    await settled();
    expect([gone.told, stays.told]).toEqual([[], ['1']]);
    expect(hub.size).toBe(1);
  });
});

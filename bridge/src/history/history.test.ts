import { describe, expect, test, vi } from 'vitest';
import { type Answer, createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import type { NodePort, NodeRequest, NodeResponse } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { encodeSenmlCbor, type SenmlPack, stringifySenml } from '../senml/index.ts';
import { createHistory, type HistoryOptions, type HistoryQuery } from './history.ts';
import { observeListed } from './listed-resources.ts';

const start = 1_700_000_000;
const cbor = (pack: SenmlPack) => response(0x45, encodeSenmlCbor(pack), 112);
const all: HistoryQuery = { since: undefined, limit: 1_000 };
const listener = { next() {}, lost() {}, back() {}, end() {} };
const level: NodeRequest = { method: 1, path: ['a', 'rain', 'level'], query: [], payload: new Uint8Array(0) };

function setUp(options: HistoryOptions = {}, answer: Answer = () => response(0x45, 'none', 0)) {
  let time = start;
  const node = createScriptedNode('gauge-1', answer);
  const history = createHistory({ clock: () => time * 1000, ...options });
  const registry = createRegistry(history);
  registry.add(node);
  const port = registry.get('gauge-1') as NodePort;
  const read = (query = all, path = level.path) => history.find('gauge-1', path)?.read(query);
  const values = (query = all) => read(query)?.map(({ v }) => v);
  const tell = (told: NodeResponse) => {
    time += 1;
    node.notify(told);
  };
  return { node, port, history, registry, read, values, tell };
}

describe('what an observer of a resource is told', () => {
  test('is kept with absolute times and names', () => {
    const { port, tell, read } = setUp();
    port.observe(level, listener);
    tell(cbor([{ bn: 'urn:', n: 'level', bu: 'mm', v: 1 }]));
    tell(cbor([{ n: 'level', u: 'mm', v: 2, t: -0.5 }]));
    tell(
      cbor([
        { bt: 1_600_000_000, n: 'x', v: 3, t: 1 },
        { n: 'y', vs: 'wet' },
      ]),
    );
    expect(read()).toEqual([
      { n: 'urn:level', u: 'mm', v: 1, t: start + 1 },
      { n: 'level', u: 'mm', v: 2, t: start + 1.5 },
      { n: 'x', v: 3, t: 1_600_000_001 },
      { n: 'y', vs: 'wet', t: 1_600_000_000 },
    ]);
  });

  test('stays when nobody observes any more, and when the node is gone', async () => {
    const { port, tell, values, registry } = setUp();
    const observation = port.observe(level, listener);
    tell(cbor([{ v: 1 }]));
    observation.close();
    tell(cbor([{ v: 2 }]));
    await registry.remove('gauge-1');
    expect(values()).toEqual([1]);
  });

  test('is kept once, in whichever formats it is observed', () => {
    const { node, port, values } = setUp();
    const first = port.observe(level, listener);
    port.observe({ ...level, accept: 110 }, listener);
    const [one, other] = node.observers;
    one?.listener.next(cbor([{ v: 1 }]));
    other?.listener.next(response(0x45, stringifySenml([{ v: 1 }]), 110));
    first.close();
    other?.listener.next(response(0x45, stringifySenml([{ v: 2 }]), 110));
    expect(values()).toEqual([1, 2]);
  });

  test('is kept once where the node tells a reading of the same time again', () => {
    const { port, tell, values } = setUp();
    port.observe(level, listener);
    for (const v of [1, 1, 2]) tell(cbor([{ v, t: start }]));
    expect(values()).toEqual([1, 2]);
    for (const v of [3, 3]) tell(cbor([{ v }]));
    expect(values()).toEqual([1, 2, 3, 3]);
  });

  test.each<[string, NodeResponse]>([
    ['text', response(0x45, '1.5', 0)],
    ['CBOR that is no SenML', response(0x45, '{', 112)],
    ['JSON that is no SenML', response(0x45, '{"v":1}', 110)],
    ['an empty pack', cbor([])],
    ['another code', { ...cbor([{ v: 1 }]), code: 0x43 }],
  ])('is not kept where it is %s', (_, told) => {
    const { port, tell, read } = setUp();
    port.observe(level, listener);
    tell(told);
    expect(read()).toBeUndefined();
  });

  test('of a resource with a query is not kept: it is another one', () => {
    const { port, tell, read } = setUp();
    port.observe({ ...level, query: ['unit=mm'] }, listener);
    tell(cbor([{ v: 1 }]));
    expect(read()).toBeUndefined();
  });
});

describe('a history', () => {
  test('is asked for since a time, and for the newest so many', () => {
    const { port, tell, values } = setUp();
    port.observe(level, listener);
    for (const v of [1, 2, 3, 4]) tell(cbor([{ v }]));
    expect(values({ since: start + 2, limit: 10 })).toEqual([3, 4]);
    expect(values({ since: -2.5, limit: 10 })).toEqual([2, 3, 4]);
    expect(values({ since: 0, limit: 10 })).toEqual([]);
    expect(values({ since: undefined, limit: 2 })).toEqual([3, 4]);
  });

  test('has bounds in readings and bytes, the oldest goes first', () => {
    const { port, tell, values } = setUp({ maxReadings: 3 });
    port.observe(level, listener);
    for (const v of [1, 2, 3, 4]) tell(cbor([{ v }]));
    expect(values()).toEqual([2, 3, 4]);
    const small = setUp({ maxBytes: 1_000 });
    small.port.observe(level, listener);
    for (const v of [1, 2, 3]) small.tell(cbor([{ v }, { vs: 'x'.repeat(500) }]));
    expect(small.values()).toEqual([3, undefined]);
    small.tell(cbor([{ vs: 'x'.repeat(5_000) }]));
    expect(small.values()).toEqual([]);
  });

  test('is there for so many resources; the one without news the longest goes', () => {
    const { node, port, read } = setUp({ maxResources: 2 });
    for (const name of ['x', 'y', 'z']) port.observe({ ...level, path: [name] }, listener);
    const [x, y, z] = node.observers;
    for (const each of [x, y, x, z]) each?.listener.next(cbor([{ v: 1 }]));
    expect(['x', 'y', 'z'].map((name) => read(all, [name])?.length)).toEqual([2, undefined, 1]);
    expect(read(all, ['x/y'])).toBeUndefined();
  });
});

describe('listed resources', () => {
  test('are observed whenever their node is there', async () => {
    const registry = createRegistry();
    const stop = observeListed(registry, ['gauge-1/a/rain/level', 'gauge-1/a/x%2Fy', 'gauge-2/a/rain/level']);
    const node = createScriptedNode('gauge-1', () => cbor([{ v: 1 }]));
    registry.add(node);
    expect(node.observers.map(({ request }) => request.path)).toEqual([level.path, ['a', 'x/y']]);
    await registry.remove('gauge-1');
    const again = createScriptedNode('gauge-1', () => cbor([{ v: 1 }]));
    registry.add(again);
    expect(again.observers).toHaveLength(2);
    stop();
    expect(again.observers).toHaveLength(0);
  });

  test('that cannot be observed are asked for again later', async () => {
    vi.useFakeTimers();
    const registry = createRegistry();
    let code = 0x84;
    const node = createScriptedNode('gauge-1', () => response(code));
    registry.add(node);
    const stop = observeListed(registry, ['gauge-1/a/rain/level']);
    await vi.advanceTimersByTimeAsync(0);
    expect(node.observers).toHaveLength(0);
    code = 0x45;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(node.observers).toHaveLength(1);
    stop();
    vi.useRealTimers();
  });

  test.each(['gauge-1', '', '/a', 'gauge-1/%E4'])('named "%s" are refused', (entry) => {
    expect(() => observeListed(createRegistry(), [entry])).toThrow('which is no node/path');
  });
});

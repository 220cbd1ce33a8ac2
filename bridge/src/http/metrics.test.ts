import { expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createCoapContext } from '../coap/index.ts';
import { encodeFields } from '../fields/index.ts';
import { createMemoryLinks } from '../link/index.ts';
import type { NodePort } from '../registry/node.ts';
import { createRegistry } from '../registry/registry.ts';
import { formatMetrics } from './exposition.ts';
import { createMetrics } from './metrics.ts';

const phases = (...names: string[]) =>
  response(0x45, encodeFields(names.map((phase, index) => ({ name: `atom-${index}`, phase }))), 60);

/** A line of the exposition format: a comment, or a sample with a number. */
const line =
  /^(# (HELP|TYPE) radon_\w+ .+|radon_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?\d+(\.\d+)?)$/;

test('every line is one that Prometheus reads, and every family stands once', async () => {
  const registry = createRegistry();
  registry.add(createScriptedNode('gauge-1', () => phases('RUNNING', 'SUSPENDED', 'SUSPENDED')));
  const cache = () => ({ hits: 3, misses: 2, shared: 1, revalidated: 0, entries: 2, bytes: 40 });
  const text = await createMetrics({ registry, replies: [0, 0, 5, 0, 1], cache })();
  const lines = text.trimEnd().split('\n');
  expect(lines.filter((text) => !line.test(text))).toEqual([]);
  const types = lines.filter((text) => text.startsWith('# TYPE'));
  expect(new Set(types).size).toBe(types.length);
  expect(lines).toEqual(
    expect.arrayContaining([
      'radon_node_up{node="gauge-1"} 1',
      'radon_atoms{node="gauge-1",phase="SUSPENDED"} 2',
      'radon_atoms{node="gauge-1",phase="RUNNING"} 1',
      'radon_observations 0',
      'radon_http_requests_total{class="2xx"} 5',
      'radon_http_requests_total{class="4xx"} 1',
      'radon_cache_requests_total{result="hits"} 3',
      'radon_cache_bytes 40',
    ]),
  );
  await registry.close();
});

test('nodes are asked for their atoms once in five seconds, lost ones not at all', async () => {
  const registry = createRegistry();
  const node = createScriptedNode('gauge-1', () => phases('RUNNING'));
  const lost = createScriptedNode('gauge-2', () => phases('RUNNING'));
  lost.setLink('lost');
  registry.add(node);
  registry.add(lost);
  let time = 0;
  const metrics = createMetrics({ registry, replies: [], now: () => time });
  for (time = 0; time <= 5_000; time += 1_000) await metrics();
  expect(node.requests).toHaveLength(2);
  expect(lost.requests).toEqual([]);
  expect(await metrics()).toContain('radon_node_up{node="gauge-2"} 0\n');
  await registry.close();
});

test('a node that answers nonsense or nothing has no atoms', async () => {
  const registry = createRegistry();
  registry.add(createScriptedNode('gauge-1', () => response(0x45, Uint8Array.of(0xff), 60)));
  registry.add(createScriptedNode('gauge-2', () => Promise.reject(new Error('gone'))));
  registry.add(createScriptedNode('gauge-3', () => response(0x45, encodeFields([null, 7, {}]), 60)));
  expect(await createMetrics({ registry, replies: [] })()).not.toContain('radon_atoms');
  await registry.close();
});

test('a node with a link has what its link and its exchanges counted', async () => {
  const [near, far] = createMemoryLinks();
  const client = createCoapContext(near);
  const server = createCoapContext(far, { handler: () => ({ code: 0x45 }) });
  await client.request({ method: 1, path: ['x'] });
  const node: NodePort = {
    ...createScriptedNode('gauge-1', () => phases()),
    traffic: () => ({ link: near.counters, coap: client.counters }),
  };
  const registry = createRegistry();
  registry.add(node);
  const text = await createMetrics({ registry, replies: [] })();
  expect(text).toContain('radon_coap_messages_total{node="gauge-1",direction="out"} 1\n');
  expect(text).toContain('radon_link_datagrams_total{node="gauge-1",direction="in"} 1\n');
  expect(text).toContain('radon_coap_retransmissions_total{node="gauge-1"} 0\n');
  await registry.close();
  await client.close();
  await server.close();
});

test('labels are escaped', () => {
  const samples = [{ labels: { node: 'a"b\\c\nd' }, value: 1 }];
  expect(formatMetrics([{ name: 'x', type: 'gauge', help: 'X', samples }])).toBe(
    '# HELP radon_x X\n# TYPE radon_x gauge\nradon_x{node="a\\"b\\\\c\\nd"} 1\n',
  );
});

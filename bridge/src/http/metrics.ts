/** What the bridge counts: docs/reference/http.md#metrics. */
import { decodeFields } from '../fields/index.ts';
import type { NodePort, NodeTraffic } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { contentFormat, method } from '../tables/index.ts';
import { formatMetrics, type MetricFamily, type Sample } from './exposition.ts';

/** Counts of the cache in front of nodes. */
export interface CacheFigures {
  readonly hits: number;
  readonly misses: number;
  readonly shared: number;
  readonly revalidated: number;
  readonly entries: number;
  readonly bytes: number;
}

export interface MetricsOptions {
  readonly registry: Registry;
  /** Replies by the first digit of their status. */
  readonly replies: readonly number[];
  /** Left out: there is no cache. */
  readonly cache?: (() => CacheFigures) | undefined;
  /** Milliseconds, monotonic (default performance.now). */
  readonly now?: () => number;
}

/** Resolves with the text that Prometheus reads. */
export type Metrics = () => Promise<string>;

/** Nodes are asked for their atoms again after this long, milliseconds. */
const atomsHoldMs = 5_000;
/** A node that hangs holds the metrics up this long at most, milliseconds. */
const atomsTimeoutMs = 1_000;

export function createMetrics(options: MetricsOptions): Metrics {
  const { registry, now = () => performance.now() } = options;
  let atoms: Promise<readonly Sample[]> | undefined;
  let askedAt = 0;

  /** However often it is asked: the links to boards are slow. */
  function heldAtoms(): Promise<readonly Sample[]> {
    if (atoms === undefined || now() - askedAt >= atomsHoldMs) {
      askedAt = now();
      atoms = readAtoms(registry.list());
    }
    return atoms;
  }

  return async () => {
    const nodes = registry.list();
    return formatMetrics([
      gauge('node_up', 'Whether the link of a node is up', nodes.map(upOf)),
      ...trafficFamilies(nodes),
      gauge('atoms', 'Atoms by the phase their node told last', await heldAtoms()),
      gauge('observations', 'Observations of nodes that are open', [plain(registry.observations.size)]),
      counter(
        'http_requests_total',
        'HTTP requests by the class of their status',
        repliesOf(options.replies),
      ),
      ...(options.cache === undefined ? [] : cacheFamilies(options.cache())),
      ...processFamilies(),
    ]);
  };
}

function upOf(node: NodePort): Sample {
  return { labels: { node: node.name }, value: node.state().link === 'up' ? 1 : 0 };
}

function repliesOf(replies: readonly number[]): readonly Sample[] {
  return replies.flatMap((value, digit) => (value > 0 ? [{ labels: { class: `${digit}xx` }, value }] : []));
}

function trafficFamilies(nodes: readonly NodePort[]): readonly MetricFamily[] {
  const traffic = nodes.flatMap((node) => {
    const counted = node.traffic?.();
    return counted === undefined ? [] : [{ node: node.name, ...counted }];
  });
  const each = (value: (of: NodeTraffic) => number) =>
    traffic.map((of) => ({ labels: { node: of.node }, value: value(of) }));
  const both = (read: (of: NodeTraffic) => number, written: (of: NodeTraffic) => number) =>
    traffic.flatMap((of) => [
      { labels: { node: of.node, direction: 'in' }, value: read(of) },
      { labels: { node: of.node, direction: 'out' }, value: written(of) },
    ]);
  return [
    counter(
      'link_datagrams_total',
      'Datagrams over the link of a node',
      both(
        ({ link }) => link.datagramsIn,
        ({ link }) => link.datagramsOut,
      ),
    ),
    counter(
      'link_bytes_total',
      'Bytes over the link of a node',
      both(
        ({ link }) => link.bytesIn,
        ({ link }) => link.bytesOut,
      ),
    ),
    counter(
      'link_frames_bad_total',
      'Frames that were damaged',
      each(({ link }) => link.framesBad),
    ),
    counter(
      'link_dropped_total',
      'Datagrams that could not be handed over',
      each(({ link }) => link.dropped),
    ),
    counter(
      'coap_messages_total',
      'CoAP messages with a node',
      both(
        ({ coap }) => coap.messagesIn,
        ({ coap }) => coap.messagesOut,
      ),
    ),
    counter(
      'coap_retransmissions_total',
      'CoAP messages sent again',
      each(({ coap }) => coap.retransmissions),
    ),
    counter(
      'coap_timeouts_total',
      'CoAP messages without an answer',
      each(({ coap }) => coap.timeouts),
    ),
    counter(
      'coap_duplicates_total',
      'CoAP messages received again',
      each(({ coap }) => coap.duplicates),
    ),
    counter(
      'coap_malformed_total',
      'Datagrams that are no CoAP',
      each(({ coap }) => coap.malformed),
    ),
    counter(
      'coap_resets_total',
      'CoAP messages the node had no use for',
      each(({ coap }) => coap.resets),
    ),
  ];
}

function cacheFamilies(figures: CacheFigures): readonly MetricFamily[] {
  const outcomes = (['hits', 'misses', 'shared', 'revalidated'] as const).map((result) => ({
    labels: { result },
    value: figures[result],
  }));
  return [
    counter('cache_requests_total', 'Reads by what the cache had for them', outcomes),
    gauge('cache_entries', 'Answers the cache keeps', [plain(figures.entries)]),
    gauge('cache_bytes', 'Bytes the cache keeps', [plain(figures.bytes)]),
  ];
}

function processFamilies(): readonly MetricFamily[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    gauge('process_resident_memory_bytes', 'Resident memory of the bridge', [plain(rss)]),
    gauge('process_heap_bytes', 'Heap of the bridge in use', [plain(heapUsed)]),
    counter('process_cpu_seconds_total', 'Processor time of the bridge', [plain((user + system) / 1e6)]),
    gauge('process_uptime_seconds', 'Age of the bridge', [plain(process.uptime())]),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'counter', help, samples };
}

function plain(value: number): Sample {
  return { labels: {}, value };
}

async function readAtoms(nodes: readonly NodePort[]): Promise<readonly Sample[]> {
  return (await Promise.all(nodes.map(countPhases))).flat();
}

/** Empty when the node does not answer in time. */
async function countPhases(node: NodePort): Promise<readonly Sample[]> {
  if (node.state().link === 'lost') return [];
  const request = {
    method: method.GET,
    path: ['atoms'],
    query: [],
    payload: new Uint8Array(0),
    accept: contentFormat.CBOR,
  };
  const counts = new Map<string, number>();
  try {
    const response = await node.request(request, AbortSignal.timeout(atomsTimeoutMs));
    const atoms = response.code >> 5 === 2 ? decodeFields(response.payload) : [];
    for (const atom of Array.isArray(atoms) ? atoms : []) {
      const phase: unknown = Reflect.get(Object(atom), 'phase');
      if (typeof phase === 'string') counts.set(phase, (counts.get(phase) ?? 0) + 1);
    }
  } catch {
    return [];
  }
  return [...counts].map(([phase, value]) => ({ labels: { node: node.name, phase }, value }));
}

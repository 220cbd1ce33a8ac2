/** What observed resources told, for those who come later: docs/reference/http.md#history. */
import type { NodePort } from '../registry/node.ts';
import { absoluteTime } from '../senml/index.ts';
import type { JournalFolder } from './journal.ts';
import { parseEntry } from './listed-resources.ts';
import { RecordedNode, type Recorder } from './recorded-node.ts';
import { createSeries, type Series, type SeriesBounds, type TimedRecord } from './series.ts';

export interface HistoryOptions extends Partial<SeriesBounds> {
  /** Resources with readings; the one without news the longest goes first (default 128). */
  readonly maxResources?: number;
  /** UTC in milliseconds (default Date.now). */
  readonly clock?: () => number;
  /** `node/path` of resources whose readings outlive the process, and where they do (default: none). */
  readonly kept?: { readonly entries: readonly string[]; readonly journals: JournalFolder };
}

export interface HistoryQuery {
  /** Seconds since 1970, or relative to now (RFC 8428 section 4.5.3); left out, all. */
  readonly since: number | undefined;
  /** So many of the newest records. */
  readonly limit: number;
}

export interface History {
  /** Writes down what is observed at a node. */
  inFront(node: NodePort): NodePort;
  /** The readings of a resource, undefined where nothing is kept. */
  find(node: string, path: readonly string[]): Readings | undefined;
}

export interface Readings {
  /** Oldest first. */
  read(query: HistoryQuery): readonly TimedRecord[];
}

const defaults = { maxReadings: 1_000, maxBytes: 256 * 1024, maxResources: 128 };

/** RadonError BAD_REQUEST for an entry that is no `node/path`. */
export function createHistory({
  clock = Date.now,
  kept: outliving,
  ...bounds
}: HistoryOptions = {}): History {
  const { maxResources, ...seriesBounds } = { ...defaults, ...bounds };
  const outlivingKeys = new Set(
    outliving?.entries.map(parseEntry).map(({ node, path }) => keyOf(node, path)),
  );
  /** The one with the oldest news first. */
  const kept = new Map([...outlivingKeys].map((key) => [key, openSeries(key)] as const).filter(hasReadings));
  /** Of several observations of a resource, in different formats, one is written down. */
  const recorders = new Map<string, Recorder>();

  function openSeries(key: string): Series {
    return createSeries(seriesBounds, outlivingKeys.has(key) ? outliving?.journals.open(key) : undefined);
  }

  function add(key: string, response: Parameters<Series['add']>[0]): void {
    const known = kept.get(key);
    const series = known ?? openSeries(key);
    series.add(response, clock() / 1000);
    if (known === undefined && !hasReadings([key, series])) return;
    kept.delete(key);
    kept.set(key, series);
    const [oldest] = kept.keys();
    if (kept.size > maxResources && oldest !== undefined) kept.delete(oldest);
  }

  function openRecorder(key: string): Recorder {
    const recorder: Recorder = {
      record(response) {
        if (!recorders.has(key)) recorders.set(key, recorder);
        if (recorders.get(key) === recorder) add(key, response);
      },
      close() {
        if (recorders.get(key) === recorder) recorders.delete(key);
      },
    };
    return recorder;
  }

  return {
    inFront: (node) => new RecordedNode(node, (path) => openRecorder(keyOf(node.name, path))),
    find(node, path) {
      const series = kept.get(keyOf(node, path));
      if (series === undefined) return undefined;
      return {
        read({ since, limit }) {
          const sinceS = since === undefined ? Number.NEGATIVE_INFINITY : absoluteTime(since, clock() / 1000);
          return series.read(sinceS, limit);
        },
      };
    },
  };
}

function keyOf(node: string, path: readonly string[]): string {
  return [node, ...path].map(encodeURIComponent).join('/');
}

function hasReadings([, series]: readonly [string, Series]): boolean {
  return series.read(Number.NEGATIVE_INFINITY, 1).length > 0;
}

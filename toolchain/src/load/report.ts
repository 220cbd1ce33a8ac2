/** A load's result as text: totals, percentiles, histogram, and how it went over time. */
import type {
  LatencyBucket,
  LatencySummary,
  LoadProgress,
  LoadResult,
  SeriesPoint,
} from '@radon/bridge/load';
import type { Output } from '../output.ts';
import { formatCount, formatMs } from './format.ts';

export type LoadReport = LoadResult & {
  readonly uri: string;
  readonly method: string;
  readonly ports?: number;
  readonly busy?: number;
};

/** While it runs. */
export function liveLine({ elapsedMs, answered, lost, errors, perSecond, latency }: LoadProgress): string {
  const counts = `${formatCount(answered)} answered, ${formatCount(lost)} lost, ${formatCount(errors)} errors`;
  const median = `median ${formatMs(latency.p50)}, p99 ${formatMs(latency.p99)}`;
  return `${(elapsedMs / 1_000).toFixed(1)} s: ${counts}, ${formatCount(perSecond)}/s, ${median}`;
}

export function printReport(report: LoadReport, output: Output): void {
  output.result(report);
  for (const line of totals(report)) output.line(line);
  output.line();
  printPercentiles(report, output);
  output.line();
  for (const line of histogramLines(report.histogram)) output.line(line);
  output.line();
  for (const line of seriesLines(report)) output.line(line);
  const limit = generatorLimit(report);
  if (limit !== undefined) output.note(limit);
}

function totals(report: LoadReport): string[] {
  const { clients, ports, elapsedMs, perSecond, sent, answered, lost, errors, unfinished } = report;
  const used = ports === undefined ? '' : ` (ports used: ${ports})`;
  const unfinishedText = unfinished === 0 ? '' : `  unfinished ${formatCount(unfinished)}`;
  return [
    `${report.method} ${report.uri}`,
    `clients: ${clients}${used}, ${(elapsedMs / 1_000).toFixed(2)} s, ${formatCount(perSecond)} answers/s`,
    `sent ${formatCount(sent)}  answered ${formatCount(answered)}  errors ${formatCount(errors)}  lost ${formatCount(lost)}  retransmissions ${formatCount(report.retransmissions)}${unfinishedText}`,
    `answers: ${countsByName(report.codes) || 'none'}`,
    ...(lost === 0 ? [] : [`losses: ${countsByName(report.failures)}`]),
    ...openLoopLines(report),
  ];
}

function countsByName(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${formatCount(count)} × ${name}`)
    .join(', ');
}

function openLoopLines({ openLoop }: LoadReport): string[] {
  if (openLoop === undefined) return [];
  const { ratePerSecond, due, late, lateForClients, latestMs, unsent } = openLoop;
  const latest =
    late === 0
      ? ''
      : ` (${formatCount(lateForClients)} while every client was waiting; at most ${formatMs(latestMs)})`;
  return [
    `due ${formatCount(due)} at ${formatCount(ratePerSecond)}/s  late ${formatCount(late)}${latest}  unsent ${formatCount(unsent)}`,
  ];
}

const percentileHead = ['MIN', 'P50', 'P90', 'P99', 'P99.9', 'MAX', 'MEAN'];
const percentileCells = ({ min, p50, p90, p99, p999, max, mean }: LatencySummary) =>
  [min, p50, p90, p99, p999, max, mean].map(formatMs);

function printPercentiles({ latency, openLoop }: LoadReport, output: Output): void {
  if (openLoop === undefined) {
    output.table(percentileHead, [percentileCells(latency)]);
    return;
  }
  const rows = [
    ['due', ...percentileCells(latency)],
    ['sending', ...percentileCells(openLoop.fromSending)],
  ];
  output.table(['SINCE', ...percentileHead], rows);
}

const barWidth = 40;

/** A bar for each doubling between the fastest and the slowest. */
function histogramLines(buckets: readonly LatencyBucket[]): string[] {
  const counts = new Map<number, number>();
  for (const { upToMs, count } of buckets) {
    const doubling = Math.ceil(Math.log2(upToMs));
    counts.set(doubling, (counts.get(doubling) ?? 0) + count);
  }
  const most = Math.max(...counts.values());
  const first = Math.min(...counts.keys());
  const length = counts.size === 0 ? 0 : Math.max(...counts.keys()) - first + 1;
  return Array.from({ length }, (_, index) => {
    const count = counts.get(first + index) ?? 0;
    const bar = '█'.repeat(Math.ceil((barWidth * count) / most)).padEnd(barWidth);
    return `≤ ${formatMs(2 ** (first + index)).padStart(9)}  ${bar}  ${formatCount(count)}`;
  });
}

const columns = 60;
const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One line each for throughput, latency and what failed, the time from left to right. */
function seriesLines({ series, elapsedMs, errors, lost }: LoadReport): string[] {
  const { points } = series;
  if (points.length < 2) return [];
  const rows: [string, (point: SeriesPoint) => number, (value: number) => string][] = [
    ['answers/s', ({ perSecond }) => perSecond, formatCount],
    ['p50', ({ p50 = 0 }) => p50, formatMs],
    ['p99', ({ p99 = 0 }) => p99, formatMs],
    ['max', ({ max = 0 }) => max, formatMs],
  ];
  if (errors + lost > 0) rows.push(['failed', (point) => point.errors + point.lost, formatCount]);
  const lines = rows.map(([name, pick, format]) => {
    const values = points.map(pick);
    const most = Math.max(...values);
    return `${name.padStart(9)}  ${sparkline(values, most)}  up to ${format(most)}`;
  });
  const width = Math.min(columns, points.length);
  const end = `${(elapsedMs / 1_000).toFixed(1)} s`;
  return [...lines, `${''.padStart(9)}  0${end.padStart(Math.max(width - 1, end.length + 1))}`];
}

/** At most 60 characters; each shows the largest of the values it stands for. */
function sparkline(values: readonly number[], most: number): string {
  const width = Math.min(columns, values.length);
  return Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * values.length) / width);
    const to = Math.floor(((column + 1) * values.length) / width);
    const share = most === 0 ? 0 : Math.max(...values.slice(from, to)) / most;
    return levels[Math.min(levels.length - 1, Math.floor(share * levels.length))];
  }).join('');
}

/** A generator that has no time of its own measures itself. */
const busyShare = 0.95;
/** Before, it is busy with beginning. */
const tellingMs = 1_000;

function generatorLimit({ busy = 0, elapsedMs, openLoop }: LoadReport): string | undefined {
  if (openLoop === undefined) {
    if (busy < busyShare || elapsedMs < tellingMs) return undefined;
    return `The generator itself was busy ${Math.round(100 * busy)} % of the time: the target may do more than this.`;
  }
  const own = openLoop.late - openLoop.lateForClients;
  if (own * 100 < openLoop.due) return undefined;
  return `The generator itself was late with ${formatCount(own)} requests although clients were free: lower --rate, or stop what else runs here.`;
}

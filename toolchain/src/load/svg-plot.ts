/** A load's result as a drawing: throughput and latency over time, without anything from elsewhere. */
import type { SeriesPoint } from '@radon/bridge/load';
import { formatCount, formatMs } from './format.ts';
import type { LoadReport } from './report.ts';

const width = 960;
const left = 76;
const right = 24;
const panelHeight = 220;
const plotWidth = width - left - right;
const headHeight = 120;
const panelStep = panelHeight + 76;

const style = `
  svg { background: #fff; color: #24292f; font: 13px system-ui, sans-serif }
  text { fill: currentColor } .small { font-size: 12px; opacity: .75 } .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: currentColor; opacity: .15 } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round }
  .rate, .p50 { --c: #0b6bcb } .p90 { --c: #1a8f5a } .p99 { --c: #b8660a } .max, .failed { --c: #c4314b }
  .line { stroke: var(--c) } .key { fill: var(--c) }
  @media (prefers-color-scheme: dark) {
    svg { background: #15191e; color: #dfe4ea }
    .rate, .p50 { --c: #5aa9f5 } .p90 { --c: #52c48d } .p99 { --c: #e8a33d } .max, .failed { --c: #f2788f }
  }`;

interface Curve {
  readonly name: string;
  /** Class that colours it. */
  readonly kind: string;
  /** Undefined: a gap. */
  readonly values: readonly (number | undefined)[];
}

/** Where a value is, from 0 (bottom) to 1; and the values that get a line. */
interface Axis {
  readonly ticks: readonly number[];
  place(value: number): number;
}

interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly axis: Axis;
  readonly format: (value: number) => string;
}

export function drawLoad(report: LoadReport): string {
  const { points } = report.series;
  const seconds = Math.max(report.elapsedMs, ...points.map(({ atMs }) => atMs)) / 1_000;
  const middles = points.map(({ atMs }) => (atMs + report.series.intervalMs / 2) / 1_000);
  const places = middles.map((middle) => Math.min(1, middle / Math.max(seconds, 1e-6)));
  const panels = [ratePanel(report), latencyPanel(points)];
  const drawn = panels.map((panel, index) =>
    drawPanel(panel, places, seconds, headHeight + index * panelStep),
  );
  const height = headHeight + panels.length * panelStep - 20;
  const [title, ...lines] = heading(report);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${style}\n</style>`,
    `<title>${escapeXml(title)}</title>`,
    `<text class="title" x="${left}" y="30">${escapeXml(title)}</text>`,
    ...lines.map((line, index) => `<text x="${left}" y="${50 + index * 18}">${escapeXml(line)}</text>`),
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function heading(report: LoadReport): [string, string, string] {
  const { method, uri, clients, perSecond, answered, errors, lost, latency, openLoop } = report;
  const loop =
    openLoop === undefined ? 'closed loop' : `${formatCount(openLoop.ratePerSecond)} requests/s due`;
  const { p50, p90, p99, p999, max } = latency;
  return [
    `${method} ${uri}`,
    `${loop}, ${clients} clients: ${formatCount(perSecond)} answers/s, ${formatCount(answered)} answered, ${formatCount(errors)} errors, ${formatCount(lost)} lost`,
    `p50 ${formatMs(p50)} · p90 ${formatMs(p90)} · p99 ${formatMs(p99)} · p99.9 ${formatMs(p999)} · max ${formatMs(max)}`,
  ];
}

function ratePanel({ series, errors, lost }: LoadReport): Panel {
  const { points, intervalMs } = series;
  const curves: Curve[] = [
    { name: 'answers/s', kind: 'rate', values: points.map(({ perSecond }) => perSecond) },
  ];
  if (errors + lost > 0) {
    const values = points.map((point) => ((point.errors + point.lost) * 1_000) / intervalMs);
    curves.push({ name: 'failed/s', kind: 'failed', values });
  }
  return { title: 'Answers per second', curves, axis: linearAxis(curves), format: formatCount };
}

function latencyPanel(points: readonly SeriesPoint[]): Panel {
  const kinds = ['p50', 'p90', 'p99', 'max'] as const;
  const curves = kinds.map((kind) => ({ name: kind, kind, values: points.map((point) => point[kind]) }));
  return { title: 'Latency', curves, axis: logarithmicAxis(curves), format: formatMs };
}

const valuesOf = (curves: readonly Curve[]) =>
  curves.flatMap(({ values }) => values.filter((value) => value !== undefined));

/** From 0, with steps of 1, 2 or 5 times a power of ten. */
function linearAxis(curves: readonly Curve[]): Axis {
  const most = Math.max(1e-3, ...valuesOf(curves));
  const step = niceStep(most / 4);
  const top = Math.ceil(most / step) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
  return { ticks, place: (value) => value / top };
}

function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= atLeast) ?? 10 * power;
}

/** Whole powers of ten. */
function logarithmicAxis(curves: readonly Curve[]): Axis {
  const logarithms = valuesOf(curves).map((value) => Math.log10(Math.max(value, 1e-3)));
  const bottom = Math.floor(Math.min(0, ...logarithms));
  const top = Math.max(bottom + 1, Math.ceil(Math.max(0, ...logarithms)));
  const ticks = Array.from({ length: top - bottom + 1 }, (_, index) => 10 ** (bottom + index));
  return { ticks, place: (value) => (Math.log10(Math.max(value, 1e-3)) - bottom) / (top - bottom) };
}

function drawPanel(panel: Panel, places: readonly number[], seconds: number, top: number): string {
  const { title, curves, axis, format } = panel;
  const yOf = (value: number) => round(top + panelHeight * (1 - axis.place(value)));
  const bottom = top + panelHeight;
  const timeStep = niceStep(Math.max(seconds, 1e-3) / 8);
  const times = Array.from({ length: Math.floor(seconds / timeStep) + 1 }, (_, index) => index * timeStep);
  const xOf = (place: number) => round(left + plotWidth * place);
  return [
    `<text x="${left}" y="${top - 12}">${title}</text>`,
    ...curves.map(({ name, kind }, index) => key(name, kind, left + 180 + index * 90, top - 12)),
    ...axis.ticks.map(
      (tick) =>
        `<line class="grid" x1="${left}" x2="${width - right}" y1="${yOf(tick)}" y2="${yOf(tick)}"/><text class="small" text-anchor="end" x="${left - 8}" y="${yOf(tick) + 4}">${format(tick)}</text>`,
    ),
    ...times.map(
      (time) =>
        `<text class="small" text-anchor="middle" x="${xOf(time / Math.max(seconds, 1e-6))}" y="${bottom + 18}">${Number(time.toPrecision(6))} s</text>`,
    ),
    // The larger below the smaller, which they may equal.
    ...curves
      .toReversed()
      .map(
        ({ kind, values }) =>
          `<path class="line ${kind}" d="${path(values, (at) => xOf(places[at] ?? 0), yOf)}"/>`,
      ),
  ].join('\n');
}

function key(name: string, kind: string, x: number, y: number): string {
  return `<rect class="key ${kind}" x="${x}" y="${y - 9}" width="12" height="9" rx="2"/><text class="small" x="${x + 17}" y="${y}">${name}</text>`;
}

/** A line through what there is, broken at gaps; a lone point shows as a dot's width. */
function path(
  values: readonly (number | undefined)[],
  xOf: (index: number) => number,
  yOf: (value: number) => number,
): string {
  return values
    .map((value, index) => {
      if (value === undefined) return '';
      const point = `${xOf(index)} ${yOf(value)}`;
      return values[index - 1] === undefined ? `M${point}h.5` : `L${point}`;
    })
    .join('');
}

const round = (value: number) => Math.round(value * 10) / 10;

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The live chart of one reading. */
import { readJson } from './bridge-api.ts';
import { element, setText } from './element.ts';
import { formatNumber } from './format.ts';
import type { Live } from './live.ts';
import { type Point, pointsOf, type Reading, type Sample, sampleOf } from './readings.ts';
import uPlot from './uplot.js';

export interface ChartPanel {
  show(reading: Reading): void;
  /** Takes the colours from the style sheet again. */
  recolour(): void;
}

/** How far back the chart begins where the bridge kept readings, seconds. */
const pastSeconds = 600;
/** Values drawn at most; older ones leave on the left. */
const maxPoints = 600;
const height = 240;
/** The time axis shows at least this many seconds. */
const shortestSpan = 10;

/** `now` is UTC in milliseconds. */
export function createChartPanel(panel: HTMLElement, live: Live, now: () => number = Date.now): ChartPanel {
  const title = element('h2', { id: 'chart-title' }, 'Reading');
  const value = element('output', { class: 'value', 'aria-label': 'latest value' }, '–');
  const note = element('p', { class: 'muted', role: 'status' }, 'No observable reading yet.');
  const canvas = element('div', { class: 'canvas' });
  panel.append(title, value, note, canvas);

  /** Seconds UTC and values; null is a gap. */
  let times: number[] = [];
  let values: (number | null)[] = [];
  let chart: uPlot | undefined;
  let unsubscribe: (() => void) | undefined;
  let shown: Reading | undefined;

  function add(point: number | null): void {
    times = [...times, now() / 1000].slice(-maxPoints);
    values = [...values, point].slice(-maxPoints);
    chart?.setData([times, values]);
  }

  function tell(reading: Reading, sample: Sample | undefined): void {
    if (sample === undefined) {
      setText(note, `${reading.title}: no number to draw`);
      return;
    }
    setText(value, `${formatNumber(sample.value)} ${sample.unit}`.trim());
    setText(note, reading.title);
    add(sample.value);
  }

  /** Puts what the bridge kept in front of what came since. */
  async function addPast(reading: Reading): Promise<void> {
    const past = await readPast(reading);
    if (reading !== shown) return;
    const [first = Number.POSITIVE_INFINITY] = times;
    const older = past.filter(({ time }) => time < first);
    times = [...older.map(({ time }) => time), ...times].slice(-maxPoints);
    values = [...older.map(({ value }) => value), ...values].slice(-maxPoints);
    chart?.setData([times, values]);
  }

  function draw(): void {
    chart?.destroy();
    chart = new uPlot(optionsFor(canvas), [times, values], canvas);
  }

  new ResizeObserver(() => chart?.setSize({ width: canvas.clientWidth, height })).observe(canvas);
  return {
    show(reading) {
      unsubscribe?.();
      shown = reading;
      times = [];
      values = [];
      setText(title, `${reading.label} of ${reading.node}`);
      setText(value, '–');
      setText(note, 'waiting for the first value');
      draw();
      unsubscribe = live.subscribe(reading.path, {
        value: (data) => tell(reading, sampleOf(data)),
        lost: () => {
          add(null);
          setText(note, `${reading.node} is lost; the chart goes on when it is back`);
        },
        back: () => setText(note, reading.title),
        end: (detail) => {
          add(null);
          setText(note, detail);
        },
      });
      void addPast(reading);
    },
    recolour() {
      if (chart !== undefined) draw();
    },
  };
}

/** Nothing where the bridge kept nothing, or does not tell. */
async function readPast({ path }: Reading): Promise<readonly Point[]> {
  try {
    return pointsOf(await readJson(`${path}?since=-${pastSeconds}&limit=${maxPoints}`));
  } catch {
    return [];
  }
}

function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { hourCycle: 'h23' });
}

/** Where there is one value only, uPlot would show the day that begins with it. */
function timeSpan({ data: [times] }: uPlot, min: number, max: number): [number, number] {
  const last = times.length === 1 ? (times[0] ?? max) : max;
  return [Math.min(min, last - shortestSpan), last];
}

function optionsFor(canvas: HTMLElement): uPlot.Options {
  const colour = (name: string) => getComputedStyle(canvas).getPropertyValue(name);
  const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 } };
  const line = colour('--accent');
  return {
    width: canvas.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { range: timeSpan } },
    axes: [
      { ...axis, space: 80, values: (_chart, times) => times.map(formatTime) },
      { ...axis, size: 56 },
    ],
    series: [{}, { stroke: line, width: 2, points: { show: true, size: 5, fill: line } }],
  };
}

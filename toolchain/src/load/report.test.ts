import { describe, expect, it, vi } from 'vitest';
import { createOutput, type Output } from '../output.ts';
import { type LoadReport, liveLine, printReport } from './report.ts';
import { drawLoad } from './svg-plot.ts';

const latency = { min: 0.1, mean: 1.25, p50: 1, p90: 2, p99: 12.4, p999: 900, max: 12_000 };
const report: LoadReport = {
  uri: 'coap://127.0.0.1/x?a=<b>&c',
  method: 'GET',
  ports: 2,
  clients: 3,
  elapsedMs: 2_000,
  sent: 1_003,
  answered: 1_000,
  lost: 2,
  unfinished: 1,
  errors: 4,
  retransmissions: 5,
  perSecond: 500,
  bytes: 5_000,
  codes: { '2.05': 996, '4.04': 4 },
  failures: { TIMEOUT: 2 },
  latency,
  histogram: [
    { upToMs: 0.75, count: 400 },
    { upToMs: 1, count: 400 },
    { upToMs: 3.5, count: 200 },
  ],
  series: {
    intervalMs: 1_000,
    points: [
      { atMs: 0, perSecond: 900, answered: 900, errors: 4, lost: 0, p50: 1, p90: 2, p99: 3, max: 4 },
      {
        atMs: 1_000,
        perSecond: 100,
        answered: 100,
        errors: 0,
        lost: 2,
        p50: 8,
        p90: 9,
        p99: 10,
        max: 12_000,
      },
    ],
  },
};
const openLoop = {
  ratePerSecond: 502.5,
  due: 1_005,
  late: 100,
  lateForClients: 60,
  latestMs: 40,
  unsent: 2,
  fromSending: { ...latency, max: 5 },
};

function printed(of: LoadReport, json = false): { readonly stdout: string; readonly stderr: string } {
  const written = { stdout: '', stderr: '' };
  const output: Output = createOutput({ json, verbose: false });
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += text;
      return true;
    }),
  );
  printReport(of, output);
  for (const spy of spies) spy.mockRestore();
  return written;
}

describe('the report', () => {
  it('of a closed loop is totals, percentiles, histogram and the course over time', () => {
    expect(printed(report)).toEqual({
      stdout: `GET coap://127.0.0.1/x?a=<b>&c
clients: 3 (ports used: 2), 2.00 s, 500 answers/s
sent 1,003  answered 1,000  errors 4  lost 2  retransmissions 5  unfinished 1
answers: 996 × 2.05, 4 × 4.04
losses: 2 × TIMEOUT

MIN      P50      P90      P99    P99.9   MAX     MEAN
0.10 ms  1.00 ms  2.00 ms  12 ms  900 ms  12.0 s  1.25 ms

≤   1.00 ms  ████████████████████████████████████████  800
≤   2.00 ms                                            0
≤   4.00 ms  ██████████                                200

answers/s  █▁  up to 900
      p50  ▂█  up to 8.00 ms
      p99  ▃█  up to 10 ms
      max  ▁█  up to 12.0 s
   failed  █▅  up to 4
           0 2.0 s
`,
      stderr: '',
    });
  });

  it('of an open loop tells what was late and not sent, and latencies since due and since sending', () => {
    const { stdout, stderr } = printed({ ...report, openLoop });
    expect(stdout).toContain(
      'due 1,005 at 502.5/s  late 100 (60 while every client was waiting; at most 40 ms)  unsent 2\n',
    );
    expect(stdout).toMatch(
      /^SINCE {4}MIN .*\ndue {6}0\.10 ms .* 12\.0 s .*\nsending {2}0\.10 ms .* 5\.00 ms /m,
    );
    expect(stderr).toMatch(/^The generator itself was late with 40 requests although clients were free/);
  });

  it('says when the generator was the limit', () => {
    expect(printed({ ...report, busy: 0.97 }).stderr).toMatch(
      /^The generator itself was busy 97 % of the time/,
    );
    expect(printed({ ...report, busy: 0.9 }).stderr).toBe('');
    expect(printed({ ...report, busy: 1, elapsedMs: 999 }).stderr).toBe('');
  });

  it('is one JSON document for machines', () => {
    const { stdout } = printed({ ...report, openLoop, busy: 0.5 }, true);
    expect(JSON.parse(stdout)).toEqual({ ...report, openLoop, busy: 0.5 });
  });

  it('of a run without answers has no bars', () => {
    const nothing = {
      ...report,
      answered: 0,
      codes: {},
      histogram: [],
      series: { intervalMs: 50, points: [] },
    };
    expect(printed(nothing).stdout).toMatch(/answers: none\n[\s\S]*\n\n\n$/);
  });

  it('has a line while it runs', () => {
    expect(liveLine(report)).toBe(
      '2.0 s: 1,000 answered, 2 lost, 4 errors, 500/s, median 1.00 ms, p99 12 ms',
    );
  });
});

describe('the drawing', () => {
  it('is one self-contained SVG with the figures in words and a curve for each percentile', () => {
    const svg = drawLoad({ ...report, openLoop });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [\s\S]*<\/svg>\n$/);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|href|<script|NaN|undefined|Infinity/,
    );
    expect(svg).toContain('GET coap://127.0.0.1/x?a=&#60;b&#62;&#38;c');
    expect(svg).toContain('502.5 requests/s due, 3 clients: 500 answers/s, 1,000 answered, 4 errors, 2 lost');
    expect(svg).toContain('p99 12 ms');
    expect([...svg.matchAll(/<path class="line (\w+)"/g)].map(([, kind]) => kind)).toEqual([
      'failed',
      'rate',
      'max',
      'p99',
      'p90',
      'p50',
    ]);
  });

  it('is broken where nothing was answered, and drawn without any answer', () => {
    const [first, last] = report.series.points;
    if (first === undefined || last === undefined) throw new Error('no points');
    const gap = { atMs: 1_000, perSecond: 0, answered: 0, errors: 0, lost: 0 };
    const points = [first, gap, { ...last, atMs: 2_000 }];
    const [curve = ''] =
      /(?<=line p50" d=")[^"]*/.exec(drawLoad({ ...report, series: { intervalMs: 1_000, points } })) ?? [];
    expect(curve).toMatch(/^M[\d.]+ [\d.]+h\.5M[\d.]+ [\d.]+h\.5$/);
    expect(drawLoad({ ...report, elapsedMs: 0, series: { intervalMs: 50, points: [] } })).not.toMatch(
      /NaN|Infinity/,
    );
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOutput, formatBytes, formatDuration } from './output.ts';

let stdout: string;
let stderr: string;
beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe('output', () => {
  it('for people: lines and tables on stdout, notes on stderr, no documents', () => {
    const output = createOutput({ json: false, verbose: false });
    output.table(
      ['NAME', 'STATE'],
      [
        ['gauge-1', 'up'],
        ['b', ''],
      ],
    );
    output.line('done');
    output.note('slow');
    output.result({ done: true });
    expect(stdout).toBe('NAME     STATE\ngauge-1  up\nb\ndone\n');
    expect(stderr).toBe('slow\n');
  });

  it('for machines: one JSON document a result and nothing else on stdout', () => {
    const output = createOutput({ json: true, verbose: false });
    output.table(['NAME'], [['gauge-1']]);
    output.line('done');
    output.result({ done: true });
    output.result([1]);
    expect(stdout).toBe('{"done":true}\n[1]\n');
  });

  it('has one line for each row of a table, also for a short one', () => {
    createOutput({ json: false, verbose: false }).table(['A', 'B'], [['1', '2'], ['3'], ['4', '5']]);
    expect(stdout.trimEnd().split('\n')).toEqual(['A  B', '1  2', '3', '4  5']);
  });

  it('shows no control characters: names and errors come from devices', () => {
    const output = createOutput({ json: false, verbose: false });
    output.table(['NAME'], [['\x1b[2Jgauge\x9b1m']]);
    output.note('lost:\x07 \x1b]0;title\ttab');
    expect(stdout).toBe('NAME\n\ufffd[2Jgauge\ufffd1m\n');
    expect(stderr).toBe('lost:\ufffd \ufffd]0;title\ttab\n');
  });

  it('draws no status line where there is no terminal', () => {
    const output = createOutput({ json: true, verbose: false });
    output.progress('half');
    output.progress();
    expect(stderr).toBe('');
  });
});

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [10_239, '10 KiB'],
    [219_136, '214 KiB'],
    [1_048_576, '1.0 MiB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [4, '0.00 s'],
    [180, '0.18 s'],
    [12_000, '12 s'],
    [180_000, '3 min'],
  ])('%i ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

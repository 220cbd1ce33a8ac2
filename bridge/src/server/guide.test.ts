/** Runs the program of docs/guide/bridge.md, and checks docs/reference/http.md against the code. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mediaTypeOf } from '../coap/formats.ts';

import { problemReply, statusOf } from '../http/problem.ts';
import { RadonError } from '../problem/error.ts';
import { createBridge } from './index.ts';

const read = (path: string) => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');

test('the program of the guide runs', async () => {
  const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(read('guide/bridge.md')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'radon-guide-'));
  const printed: unknown[] = [];
  const body = program
    .replace(/^import .*$/m, '')
    .replace("'.radon'", JSON.stringify(folder))
    .replace('console.log', 'print');
  const AsyncFunction = (async () => {}).constructor as new (
    ...source: string[]
  ) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction('createBridge', 'print', body)(createBridge, (value: unknown) =>
    printed.push(value),
  );
  expect(printed).toEqual([[]]);
  rmSync(folder, { recursive: true });
});

test('the reference lists the media types and statuses that hold', () => {
  const text = read('reference/http.md');
  for (const format of [0, 18, 40, 42, 50, 60, 110, 112])
    expect(text).toContain(`\`${mediaTypeOf(format)}\``);
  const rows = [...text.matchAll(/^\| (\d)\.(\d\d)[^|]*\| (\d{3}) \|/gm)];
  expect(rows.length).toBeGreaterThan(8);
  for (const [, codeClass, detail, status] of rows) {
    // 405 depends on the path.
    if (status !== '405') expect(statusOf(Number(codeClass) * 32 + Number(detail))).toBe(Number(status));
  }
});

test('the error of the reference is the one that is sent', () => {
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(read('reference/http.md')) ?? [];
  const reply = problemReply(new RadonError('DOES_NOT_FIT', { need: 6144, free: 4880 }));
  expect(JSON.parse(String(reply.body))).toEqual(JSON.parse(example));
});

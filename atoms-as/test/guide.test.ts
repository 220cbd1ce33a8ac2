import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { compileAtom } from '../src/index.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const guide = readFileSync(new URL('../../docs/guide/atoms.md', import.meta.url), 'utf8');
const examples = [...guide.matchAll(/```ts atom\n(.*?)```/gs)].map(([, text = '']) => text);

/** Where the functions of each namespace of the SDK are. */
const fileOf: Readonly<Record<string, string>> = {
  Cbor: 'cbor',
  Clock: 'node',
  Event: 'event',
  Io: 'io',
  Kv: 'kv',
  Log: 'log',
  Message: 'message',
  Output: 'output',
  Reply: 'reply',
  Request: 'request',
  Response: 'ask',
  Self: 'node',
  Senml: 'senml',
  Start: 'spawn',
  Timer: 'timer',
  Undelivered: 'message',
};
const sourceOf = (file: string) => readFileSync(new URL(`../assembly/${file}.ts`, import.meta.url), 'utf8');

describe('the guide', () => {
  test('has examples', () => expect(examples.length).toBeGreaterThan(2));

  test.each(examples.map((text, index) => [index + 1, text] as const))(
    'example %d compiles',
    async (_, text) => {
      const folder = mkdtempSync(join(tmpdir(), 'radon-guide-'));
      try {
        const source = join(folder, 'atom.ts');
        writeFileSync(source, text);
        const result = await compileAtom({ source, configuration: { limits: { memory: 1024, body: 64 } } });
        expect(result.diagnostics).toEqual([]);
        expect(result.ok).toBe(true);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  test('names every function of the SDK it shows in tables', async () => {
    const areas = Object.keys(fileOf).join('|');
    const calls = [...guide.matchAll(new RegExp(`\\b(${areas})\\.([a-z]\\w*)`, 'g'))];
    expect(new Set(calls.map(([, area]) => area)).size).toBeGreaterThan(10);
    for (const [, area = '', name] of calls) {
      expect(sourceOf(fileOf[area] ?? '')).toMatch(new RegExp(`export function ${name}\\b`));
    }
  });
});

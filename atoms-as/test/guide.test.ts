import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { compileAtom } from '../src/index.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const guide = readFileSync(new URL('../../docs/guide/atoms.md', import.meta.url), 'utf8');
const examples = [...guide.matchAll(/```ts atom\n(.*?)```/gs)].map(([, text = '']) => text);

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
    const calls = [
      ...guide.matchAll(/\b(Output|Kv|Timer|Io|Log|Clock|Request|Reply|Cbor|Senml)\.([a-z]\w*)/gi),
    ];
    const sources = new Map(
      ['output', 'kv', 'timer', 'io', 'log', 'node', 'request', 'reply', 'cbor', 'senml'].map((name) => [
        name === 'node' ? 'clock' : name,
        readFileSync(new URL(`../assembly/${name}.ts`, import.meta.url), 'utf8'),
      ]),
    );
    for (const [, area = '', name] of calls) {
      expect(sources.get(area.toLowerCase())).toMatch(new RegExp(`export function ${name}\\b`));
    }
  });
});

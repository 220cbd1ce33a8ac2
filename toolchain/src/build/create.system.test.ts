import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAtom, readAtomProject, runAtomTests } from './index.ts';

describe('a new atom', () => {
  test('makes an atom whose tests pass', async () => {
    // Below the checkout, where an atom's imports resolve as in a user's project.
    const place = mkdtempSync(join(import.meta.dirname, '..', '..', 'new-atom-'));
    try {
      expect(createAtom(join(place, 'pump-2'), 'pump-2')).toEqual([
        'README.md',
        'atom.json',
        'atom.test.ts',
        'atom.ts',
      ]);
      const project = readAtomProject(join(place, 'pump-2'));
      expect(project.name).toBe('pump-2');
      expect(await runAtomTests(project)).toMatchObject({ passed: 2, failed: 0 });
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  test('a failing test is reported by name and reason', async () => {
    const place = mkdtempSync(join(import.meta.dirname, '..', '..', 'new-atom-'));
    try {
      createAtom(join(place, 'pump'), 'pump');
      const file = join(place, 'pump', 'atom.test.ts');
      writeFileSync(
        file,
        "import { expect, test } from 'vitest';\ntest('sums', () => expect(1 + 1).toBe(3));\n",
      );
      const report = await runAtomTests(readAtomProject(join(place, 'pump')));
      expect(report).toMatchObject({ passed: 0, failed: 1, cases: [{ name: 'sums', passed: false }] });
      expect(report.cases[0]?.message).toContain('expected 2 to be 3');
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});

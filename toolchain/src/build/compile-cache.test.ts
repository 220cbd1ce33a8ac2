import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompileOptions, CompileSuccess } from '@radon/atoms-as';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { keepCompilation, recallCompilation } from './compile-cache.ts';

let folder: string;
let workspace: Workspace;
let options: CompileOptions;
let result: CompileSuccess;
const path = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-cache-'));
  workspace = openWorkspace(folder);
  writeFileSync(path('atom.ts'), 'one');
  options = { source: path('atom.ts'), configuration: { limits: { memory: 512, body: 16 } } };
  const inputs = new Map([
    [path('atom.ts'), 'one'],
    [path('step.ts'), null],
  ]);
  result = { ok: true, wasm: Uint8Array.of(1, 2, 3), dataEnd: 40, diagnostics: [], inputs };
  keepCompilation(workspace, options, result);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a kept compilation', () => {
  it('is recalled while nothing changed', () => {
    const { wasm, dataEnd, diagnostics } = result;
    expect(recallCompilation(workspace, options)).toMatchObject({ ok: true, wasm, dataEnd, diagnostics });
  });

  it('is not after a change of a source', () => {
    writeFileSync(path('atom.ts'), 'two');
    expect(recallCompilation(workspace, options)).toBeUndefined();
  });

  it('is not when a file is there that was looked for in vain', () => {
    writeFileSync(path('step.ts'), '');
    expect(recallCompilation(workspace, options)).toBeUndefined();
  });

  it('is not when a source is gone', () => {
    rmSync(path('atom.ts'));
    expect(recallCompilation(workspace, options)).toBeUndefined();
  });

  it.each([
    { memory: 520, body: 16 },
    { memory: 512, body: 17 },
  ])('is not for limits %o', (limits) => {
    expect(recallCompilation(workspace, { ...options, configuration: { limits } })).toBeUndefined();
  });

  it('is not for a debug build', () => {
    expect(recallCompilation(workspace, { ...options, debug: true })).toBeUndefined();
  });

  it('is not when its file is damaged, and can be kept again', () => {
    const cache = join(workspace.radon, 'cache', 'compile');
    for (const name of readdirSync(cache)) writeFileSync(join(cache, name), '{"inputs":');
    expect(recallCompilation(workspace, options)).toBeUndefined();
    keepCompilation(workspace, options, result);
    expect(recallCompilation(workspace, options)).toBeDefined();
  });
});

import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRoot, openWorkspace } from './workspace.ts';

let top: string;
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'radon-workspace-')));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function folder(path: string, manifest?: object | string): string {
  const made = join(top, path);
  mkdirSync(made, { recursive: true });
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  if (manifest !== undefined) writeFileSync(join(made, 'package.json'), text);
  return made;
}

describe('the root of a project', () => {
  it.each(['dependencies', 'devDependencies'])('is where the toolchain is among the %s', (section) => {
    const root = folder('project', { [section]: { '@radon/toolchain': '*' } });
    expect(findRoot(folder('project/atoms/rain'))).toBe(root);
  });

  it('is where .radon is', () => {
    const root = folder('project');
    mkdirSync(join(root, '.radon'));
    expect(findRoot(folder('project/deep/below'))).toBe(root);
  });

  it('passes over packages that do not use the toolchain', () => {
    const root = folder('project', { devDependencies: { '@radon/toolchain': '*' } });
    const inner = folder('project/inner', { dependencies: { left: '1' } });
    expect(findRoot(inner)).toBe(root);
  });

  it.each(['{ not json', '[]', 'null', '{"dependencies": "none"}'])(
    'is not told by a package.json that holds %s',
    (text) => {
      const place = folder('odd', text);
      expect(findRoot(place)).toBe(place);
    },
  );

  it('is the folder itself where there is no project', () => {
    const place = folder('nowhere/at/all');
    expect(findRoot(place)).toBe(place);
  });
});

describe('the folder .radon', () => {
  it('is made on first use, for its owner alone', () => {
    const workspace = openWorkspace(folder('project', { dependencies: { '@radon/toolchain': '*' } }));
    expect(existsSync(workspace.radon)).toBe(false);
    const keys = workspace.folder('keys');
    expect(keys).toBe(join(workspace.radon, 'keys'));
    for (const place of [workspace.radon, keys]) expect(statSync(place).mode & 0o777).toBe(0o700);
  });
});

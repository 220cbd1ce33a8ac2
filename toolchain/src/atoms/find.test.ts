import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Workspace } from '../workspace.ts';
import { findApplicationFolder, findAtomFolder, knownAtoms } from './find.ts';

let root: string;
let workspace: Workspace;

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '{}');
  }
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'radon-find-'));
  workspace = { root: join(root, 'project'), radon: '', distribution: root, folder: () => '' };
  write('atoms-as/examples/rain/atom.json', 'project/package.json');
  write('atoms-as/examples/chain/app.json', 'atoms-as/examples/chain/chain-a/atom.json');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('an atom of an application is found by its name', () => {
  expect(findAtomFolder(workspace, 'rain')).toBe(join(root, 'atoms-as/examples/rain'));
  expect(findAtomFolder(workspace, 'chain-a')).toBe(join(root, 'atoms-as/examples/chain/chain-a'));
  expect(knownAtoms(workspace)).toEqual(['chain-a', 'rain']);
});

test("the project's atoms come before the examples, and an atom beside an application before those inside", () => {
  write('project/atoms/flow/app.json', 'project/atoms/flow/chain-a/atom.json');
  expect(findAtomFolder(workspace, 'chain-a')).toBe(join(root, 'project/atoms/flow/chain-a'));
  write('project/atoms/chain-a/atom.json');
  expect(findAtomFolder(workspace, 'chain-a')).toBe(join(root, 'project/atoms/chain-a'));
  write('project/chain-a/atom.json');
  expect(findAtomFolder(workspace, 'chain-a')).toBe(join(root, 'project/chain-a'));
});

test('an application is no atom, and says which atoms it has', () => {
  expect(findApplicationFolder(workspace, 'chain')).toBe(join(root, 'atoms-as/examples/chain'));
  expect(() => findAtomFolder(workspace, 'chain')).toThrow(
    expect.objectContaining({
      message: 'chain is an application, not an atom.',
      remedy: expect.stringMatching(/\(chain-a\).*: radon deploy \.\/.*examples\/chain\/app\.json$/),
      exitCode: 2,
    }),
  );
  write('project/atoms/chain/atom.json');
  write('project/app.json');
  for (const name of ['chain', '.', './chain'])
    expect(findApplicationFolder(workspace, name)).toBeUndefined();
});

test('a folder that is no application is not looked into', () => {
  write('project/drafts/pump/atom.json');
  expect(() => findAtomFolder(workspace, 'pump')).toThrow('There is no atom pump.');
});

test('a name that two applications have is refused with both folders', () => {
  write('project/atoms/north/app.json', 'project/atoms/north/pump/atom.json');
  write('project/atoms/south/app.json', 'project/atoms/south/pump/atom.json');
  expect(() => findAtomFolder(workspace, 'pump')).toThrow(
    expect.objectContaining({
      message: 'There are 2 atoms named pump.',
      remedy: expect.stringMatching(/\.\/.*atoms\/north\/pump or \.\/.*atoms\/south\/pump$/),
      exitCode: 2,
    }),
  );
});

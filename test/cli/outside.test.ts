/** A project of its own, with nothing but npm and the packed packages: what a user has who never saw the repository. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const temporary = makeTemporaryFolder();
const packages = join(temporary.path, 'packages');
const project = join(temporary.path, 'my-atoms');
const installMs = 120_000;

interface Result {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[], cwd: string): Promise<Result> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, timeout: installMs }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr }),
    );
  });
}

const radon = (...args: string[]) => run('npx', ['--no-install', 'radon', ...args], project);

beforeAll(() => mkdirSync(packages));
afterAll(async () => {
  if (existsSync(join(project, 'node_modules'))) await radon('emu', 'stop');
  await temporary.remove();
});

describe('a project outside the repository', () => {
  it('is made from packages that were packed', async () => {
    expect(await run(process.execPath, [join(root, 'scripts/pack.mjs'), packages], root)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/radon-bridge-.*radon-atoms-as-.*radon-toolchain-/s),
    });
    const launcher = join(root, 'toolchain/bin/radon.js');
    const args = [launcher, 'init', project, '--from', packages];
    expect(await run(process.execPath, args, temporary.path)).toMatchObject({ code: 0 });
  });

  it('is not made twice, nor without packages', async () => {
    const launcher = join(root, 'toolchain/bin/radon.js');
    const again = await run(process.execPath, [launcher, 'init', project, '--from', packages], root);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') });
    const empty = await run(
      process.execPath,
      [launcher, 'init', join(temporary.path, 'none'), '--from', root],
      root,
    );
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no package radon-') });
    expect(existsSync(join(temporary.path, 'none'))).toBe(false);
  });

  it(
    'is installed by npm',
    async () => {
      const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
      expect(await run('npm', install, project)).toMatchObject({ code: 0 });
    },
    installMs,
  );

  it('builds and tests an atom', async () => {
    expect(await radon('new', 'meter')).toMatchObject({ code: 0 });
    expect(await radon('test', 'meter')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/2 passed, 0 failed/),
    });
    expect(await radon('build', 'meter')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/needs {4}\d+ bytes to load[\s\S]*meter\.atom/),
    });
  });

  it('boots a board with the firmware of the package and pushes to it', async () => {
    expect(await radon('emu', 'start', 'gauge-1')).toMatchObject({ code: 0 });
    expect(await radon('push', 'meter', '--to', 'gauge-1')).toMatchObject({ code: 0 });
    expect(await radon('call', 'meter/count')).toMatchObject({ code: 0, stdout: '0\n' });
  });

  it('knows the examples', async () => {
    expect(await radon('run', 'rain', '--get', 'threshold')).toMatchObject({ code: 0, stdout: '20\n' });
  });
});

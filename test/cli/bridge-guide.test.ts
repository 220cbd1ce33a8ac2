/** The requests of docs/guide/bridge.md, made by curl as a reader would. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScratch, type Scratch } from './command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = readFileSync(join(root, 'docs/guide/bridge.md'), 'utf8');
const requests = [...guide.matchAll(/^curl (.*?)(?: +#.*)?$/gm)].map(([, rest = '']) => rest);

const hasCurl = spawnSync('curl', ['--version']).status === 0;
if (!hasCurl) console.warn('SKIPPED the requests of docs/guide/bridge.md: curl is not installed');

describe.skipIf(!hasCurl)('docs/guide/bridge.md', () => {
  let project: Scratch;
  let port: string;
  beforeAll(async () => {
    project = openScratch();
    await project.radon('emu', 'start', 'gauge-1');
    const bridge = project.start('bridge', '--port', '0', '--coap-port', '0', '--tag', 'gauge-1=roof');
    port = (await bridge.until(/^HTTP +http:\/\/127\.0\.0\.1:(\d+)\/$/m))[1] ?? '';
    await bridge.until(/gauge-1: up/);
    for (const atom of ['rain', 'echo'])
      expect(await project.radon('push', atom, '--to', 'gauge-1')).toMatchObject({ code: 0 });
  });
  afterAll(() => project?.close());

  it.each(requests)('curl %s', (rest) => {
    const command = `curl -s -m 3 -o body -w '%{http_code}' ${rest.replace(':8080', `:${port}`)}`;
    const { stdout, status } = spawnSync('sh', ['-c', command], { cwd: project.folder, encoding: 'utf8' });
    expect(stdout).toMatch(/^20[04]$/);
    // A stream goes on until curl has enough of it.
    expect(status).toBe(rest.startsWith('-N') ? 28 : 0);
  });
});

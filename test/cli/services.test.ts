import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

const rain = fileURLToPath(new URL('../../atoms-as/examples/rain', import.meta.url));
const patience = { timeout: 20_000, interval: 200 };
const nodes = ['gauge-1', 'gauge-2'];

let project: Scratch;
let bridge: RunningCommand;
let url: string;
beforeAll(async () => {
  project = openScratch();
  await project.radon('emu', 'start', ...nodes, '--emulator', 'posix');
  const options = [
    '--history',
    'gauge-2/a/rain/level',
    '--tag',
    'gauge-2=roof',
    'gauge-1=rain',
    'gauge-2=rain',
  ];
  bridge = project.start('bridge', '--port', '0', '--coap-port', '0', ...options);
  await bridge.until(/gauge-1: up[\s\S]*gauge-2: up|gauge-2: up[\s\S]*gauge-1: up/);
  await bridge.until(/^CoAP /m);
  [url] = await bridge.until(/http:\/\/127\.0\.0\.1:\d+/);
  const app = { name: 'gauges', nodes: { 'gauge-1': {}, 'gauge-2': {} }, atoms: [{ atom: rain }] };
  project.write('app.json', JSON.stringify(app));
  expect(await project.radon('deploy', join(project.folder, 'app.json'))).toMatchObject({ code: 0 });
});
afterAll(() => project?.close());

interface Aggregate {
  readonly count: number;
  readonly providers: readonly unknown[];
}

const get = (path: string) => fetch(url + path);
const getAll = async () => (await (await get('/services/rainfall?all')).json()) as Aggregate;

async function measure(node: string, millimetres: number): Promise<void> {
  const headers = { 'content-type': 'text/plain' };
  const path = `/nodes/${node}/io/rain0`;
  const reply = await fetch(url + path, { method: 'PUT', headers, body: String(millimetres) });
  expect(reply.status).toBe(204);
}

describe('two boards that measure rainfall', () => {
  it('are one service, with figures over both', async () => {
    await vi.waitFor(async () => expect((await getAll()).count).toBe(2), patience);
    const services = (await (await get('/services')).json()) as readonly { readonly rt: string }[];
    expect(services).toContainEqual({
      rt: 'rainfall',
      providers: nodes.map((node) => `/nodes/${node}/a/rain/level`),
    });
    const provider = (await get('/services/rainfall')).headers.get('content-location');
    expect(nodes.map((node) => `/nodes/${node}/a/rain/level`)).toContain(provider);
  });

  it('are chosen by their tags', async () => {
    const listed = async (...tags: string[]) =>
      JSON.parse((await project.radon('ls', '--json', '--tag', ...tags)).stdout) as unknown;
    expect(await listed('rain', 'roof')).toMatchObject([{ name: 'gauge-2', tags: ['roof', 'rain'] }]);
    expect(await listed('cellar')).toEqual([]);
    expect((await project.radon('ls')).stdout).toMatch(/^NODE .*TAGS$[\s\S]*^gauge-1 .* rain$/m);
    expect(await project.radon('ls', 'gauge-1', '--tag', 'roof')).toMatchObject({ code: 2 });
    const provider = (await get('/services/rainfall?tag=roof')).headers.get('content-location');
    expect(provider).toBe('/nodes/gauge-2/a/rain/level');
    const app = { name: 'roofs', nodes: { 'gauge-1': {}, 'gauge-2': {} }, atoms: [] as object[] };
    app.atoms = [{ atom: rain, name: 'roof-rain', on: { require: ['roof'] } }];
    project.write('roofs.json', JSON.stringify(app));
    const { stdout } = await project.radon(
      'deploy',
      join(project.folder, 'roofs.json'),
      '--dry-run',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      plan: [{ node: 'gauge-2', step: 'push', atom: 'roof-rain' }],
    });
  });

  it('have a history where it is asked for', async () => {
    // The bridge asks again for what it could not observe before the atom was there.
    await vi.waitFor(
      async () => {
        await measure('gauge-2', 1.5);
        const history = await get('/nodes/gauge-2/a/rain/level?since=-60');
        expect(history.headers.get('content-type')).toBe('application/senml+json');
        const records = (await history.json()) as readonly { readonly v: number; readonly t: number }[];
        expect(records.length).toBeGreaterThan(3);
        expect(records).toContainEqual(expect.objectContaining({ v: 1.5, t: expect.any(Number) }));
      },
      { ...patience, interval: 1_000 },
    );
  });

  it('fail over: while one stops, every request is answered', async () => {
    const provider = (await get('/services/rainfall')).headers.get('content-location') ?? '';
    const [, , stopped = ''] = provider.split('/');
    let isStopped = false;
    const stopping = project.radon('emu', 'stop', stopped).finally(() => {
      isStopped = true;
    });
    const answered = new Set<string | null>();
    while (!isStopped || !answered.has(otherThan(provider))) {
      const reply = await get('/services/rainfall');
      expect(reply.status).toBe(200);
      answered.add(reply.headers.get('content-location'));
    }
    expect(await stopping).toMatchObject({ code: 0 });
    await vi.waitFor(async () => expect((await getAll()).providers).toHaveLength(1), patience);
  });
});

function otherThan(provider: string): string {
  const other = provider.startsWith('/nodes/gauge-1/') ? 'gauge-2' : 'gauge-1';
  return `/nodes/${other}/a/rain/level`;
}

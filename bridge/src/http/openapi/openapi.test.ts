import { validate } from '@readme/openapi-parser';
import { describe, expect, test } from 'vitest';
import { createScriptedNode, response } from '../../../../test/support/scripted-node.ts';
import { createRegistry } from '../../registry/registry.ts';
import { createHttpHandler } from '../handler.ts';

interface Operation {
  readonly summary: string;
  readonly 'x-right': string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const links = [
  '</node>;ct="50 60 0";obs;title="Node"',
  '</atoms/rain>;ct="50 60"',
  '</a/rain/level>;rt="rainfall radon.reading";ct="112 110";obs;title="Level"',
  '</a/rain/no-format>',
].join();

/** What a bridge tells of one node with these links. */
async function describeNode(core: string): Promise<Description> {
  const registry = createRegistry();
  registry.add(createScriptedNode('gauge-1', () => response(0x45, core, 40)));
  const handle = createHttpHandler({ registry, messages: { request: async () => response(0x44) } });
  const reply = await handle({
    method: 'GET',
    target: '/openapi.json',
    headers: { host: 'localhost' },
    body: new Uint8Array(0),
    signal: new AbortController().signal,
  });
  expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
  return JSON.parse(String(reply.body)) as Description;
}

async function validity(description: Description): Promise<unknown> {
  const result = await validate(structuredClone(description) as unknown as Parameters<typeof validate>[0]);
  return result.valid ? 'valid' : result.errors;
}

function typesOf(operation: Operation | undefined): readonly string[] {
  return Object.keys(operation?.responses['200']?.content ?? {});
}

describe('the description', () => {
  test('is OpenAPI 3.1', async () => {
    const description = await describeNode(links);
    expect(description.openapi).toBe('3.1.0');
    expect(await validity(description)).toBe('valid');
  });

  test('has every row of the table with its right and parameters', async () => {
    const { paths } = await describeNode(links);
    expect(paths['/healthz']?.get).toMatchObject({ 'x-right': 'none', security: [] });
    expect(paths['/nodes']?.get).toMatchObject({
      'x-right': 'read',
      security: [{ bearer: [] }, { session: [] }],
    });
    const proxied = paths['/nodes/{node}/{path}'];
    expect(proxied?.delete).toMatchObject({ 'x-right': 'write' });
    expect(proxied?.get?.parameters?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'path']),
    );
    expect(proxied?.['x-methods']).toEqual(['QUERY']);
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/', '/m/{name}', '/m/{node}/{name}', '/hc/{uri}', '/openapi.json', '/readyz']),
    );
  });

  test('has the resources of nodes with title, formats and methods', async () => {
    const { paths } = await describeNode(links);
    const level = paths['/nodes/gauge-1/a/rain/level'];
    expect(level).toMatchObject({ 'x-rt': ['rainfall', 'radon.reading'], get: { summary: 'Level' } });
    expect(typesOf(level?.get)).toEqual([
      'application/senml+cbor',
      'application/senml+json',
      'text/event-stream',
    ]);
    expect(Object.keys(paths['/nodes/gauge-1/atoms/rain'] ?? {})).toEqual(['get', 'put', 'post', 'delete']);
    expect(typesOf(paths['/nodes/gauge-1/a/rain/no-format']?.get)).toEqual(['*/*']);
  });

  test('has every method of an atom: those of its interface, else any', async () => {
    const { paths } = await describeNode(
      '</a/x/set>;if="core.p",</a/x/run>;if="core.a",</a/x/now>;if="core.s core.rp",</a/x/any>;if="sensor";ct="112 0"',
    );
    const methodsOf = (path: string) => Object.keys(paths[`/nodes/gauge-1/a/x/${path}`] ?? {});
    expect(methodsOf('set')).toEqual(['get', 'put']);
    expect(methodsOf('run')).toEqual(['get', 'put', 'post']);
    expect(methodsOf('now')).toEqual(['get']);
    expect(methodsOf('any')).toEqual(['get', 'x-methods', 'post', 'put', 'delete', 'patch']);
    const any = paths['/nodes/gauge-1/a/x/any'];
    expect(Object.keys(any?.put?.requestBody?.content ?? {})).toEqual([
      'application/senml+cbor',
      'text/plain;charset=utf-8',
    ]);
    for (const operation of [any?.get, any?.put, any?.delete])
      expect(operation).toMatchObject({ responses: { default: { $ref: '#/components/responses/Problem' } } });
  });

  test('has the inbox and the memory of each atom, and what control requests take', async () => {
    const { paths } = await describeNode(links);
    expect(paths['/nodes/gauge-1/m/rain']?.post).toMatchObject({ 'x-right': 'write' });
    const snapshot = paths['/nodes/gauge-1/atoms/rain/snapshot'];
    expect(snapshot).toMatchObject({ get: { 'x-right': 'admin' }, put: { 'x-right': 'admin' } });
    const rain = paths['/nodes/gauge-1/atoms/rain'];
    expect(Object.keys(rain?.put?.requestBody?.content ?? {})).toEqual([
      'application/cose; cose-type="cose-sign1"',
    ]);
    expect(rain?.post?.requestBody?.content).toMatchObject({
      'application/json': { schema: { $ref: '#/components/schemas/Command' } },
    });
  });

  test.each([
    '</a/{x}/{y>;title="braces"',
    '</a/x?y=1>,</a/x#z>,<http://evil.example/>,<//evil.example/x>,<>,<..>',
    '</a/x>;ct="nonsense 70000000";rt="";title=""',
    '</a/x>,</a/x>;title="again"',
    '</__proto__>,</a/constructor>;rt="__proto__"',
    '</a/a b>;title="<b>"',
    '</a/x>;if,</a/y>;if="core.x constructor",</atoms/>,</atoms/%>,</atoms/a{b}>,</atoms/__proto__>',
    'no links at all',
  ])('stays valid whatever a node tells: %s', async (core) => {
    expect(await validity(await describeNode(core))).toBe('valid');
  });

  test('a resource cannot take the place of a row', async () => {
    const { paths } = await describeNode('</../../healthz>;title="forged",</{path...}>;title="forged"');
    expect(JSON.stringify([paths['/healthz'], paths['/nodes/{node}/{path}']])).not.toContain('forged');
  });
});

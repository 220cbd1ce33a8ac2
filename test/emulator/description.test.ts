import { validate } from '@readme/openapi-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestProject, type TestProject } from '../support/test-project.ts';

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const atoms = ['rain', 'echo', 'blink'];
const plain = (mediaType: string) => mediaType.replaceAll(' ', '').toLowerCase();

describe('/openapi.json of a board and the host node with atoms', () => {
  let project: TestProject;
  let description: { readonly paths: Paths };

  beforeAll(async () => {
    project = await openTestProject();
    await project.openBridge();
    await project.startBoard('gauge');
    for (const name of ['gauge', 'bridge']) {
      const node = await project.node(name);
      for (const atom of atoms) await project.push(node, atom);
    }
    description = (await (await fetch(`${project.bridge.url}/openapi.json`)).json()) as typeof description;
  });
  afterAll(() => project?.close());

  /** What `GET /nodes/{node}/…` is described as, memory left out: it can be read while an atom is frozen. */
  function reads(): readonly (readonly [path: string, types: readonly string[]])[] {
    return Object.entries(description.paths).flatMap(([path, { get }]) => {
      const isOne = /^\/nodes\/[a-z]+\//.test(path) && !path.endsWith('/snapshot');
      return isOne && get ? [[path, Object.keys(get.responses['200']?.content ?? {})] as const] : [];
    });
  }

  it('is valid', async () => {
    const document = structuredClone(description) as unknown as Parameters<typeof validate>[0];
    expect(await validate(document)).toMatchObject({ valid: true });
  });

  it('has every resource of both alike', () => {
    const below = (node: string) =>
      Object.keys(description.paths)
        .filter((path) => path.startsWith(`/nodes/${node}/`) && !path.includes('/io/'))
        .map((path) => path.slice(`/nodes/${node}`.length))
        .sort();
    expect(below('gauge')).toEqual(below('bridge'));
    expect(below('gauge')).toEqual(
      expect.arrayContaining(['/a/echo/say', '/a/rain/level', '/atoms/blink', '/lease', '/m/rain', '/node']),
    );
  });

  it('tells what a GET answers with', async () => {
    for (const [path, types] of reads()) {
      const response = await fetch(`${project.bridge.url}${path}`);
      // What an atom answers is its own affair: echo has no GET.
      const isAny = types.includes('*/*');
      expect([path, response.status]).toEqual([path, isAny ? expect.any(Number) : 200]);
      if (isAny) continue;
      const answered = plain(response.headers.get('content-type') ?? '');
      expect([path, types.map(plain)]).toEqual([path, expect.arrayContaining([answered])]);
    }
  });

  it.each(['gauge', 'bridge'])('tells how an atom of %s is asked', async (node) => {
    const say = `/nodes/${node}/a/echo/say`;
    expect(description.paths[say]).toMatchObject({ post: {}, put: {}, delete: {}, patch: {} });
    const response = await fetch(`${project.bridge.url}${say}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'hello',
    });
    expect(await response.text()).toBe('hello');
  });
});

import { describe, expect, test } from 'vitest';
import { allowOf, createRouteTable } from './match.ts';
import type { HttpMethod, Route } from './route.ts';

function row(path: string, ...methods: HttpMethod[]): Route {
  const handle = () => ({ status: 200, headers: {}, body: '' });
  return { path, methods, right: 'read', summary: path, handle };
}

const table = createRouteTable([
  row('/', 'GET'),
  row('/nodes/{node}/images/{digest}', 'PUT'),
  row('/nodes/{node}/{path...}', 'GET'),
  row('/nodes/{node}/{path...}', 'PUT', 'POST'),
  row('/nodes/{node}', 'GET'),
  row('/nodes', 'GET'),
]);

describe('the route table', () => {
  test.each<[string, readonly string[], string | undefined]>([
    ['GET', [], '/'],
    ['GET', ['nodes'], '/nodes'],
    ['HEAD', ['nodes'], '/nodes'],
    ['GET', ['nodes', 'a'], '/nodes/{node}'],
    ['GET', ['nodes', 'a', 'x'], '/nodes/{node}/{path...}'],
    ['GET', ['nodes', 'a', 'x', 'y', 'z'], '/nodes/{node}/{path...}'],
    ['GET', ['nodes', 'a', ''], '/nodes/{node}/{path...}'],
    ['GET', ['nodes', 'a', 'images', '00'], '/nodes/{node}/{path...}'],
    ['PUT', ['nodes', 'a', 'images', '00'], '/nodes/{node}/images/{digest}'],
    ['PUT', ['nodes', 'a', 'images', '00', 'x'], '/nodes/{node}/{path...}'],
    ['PUT', ['nodes'], undefined],
    ['put', ['nodes', 'a', 'x'], undefined],
    ['GET', ['nodes', ''], undefined],
    ['GET', ['nodes', '', 'x'], undefined],
    ['GET', ['Nodes'], undefined],
    ['GET', ['{node}'], undefined],
    ['GET', [''], undefined],
    ['GET', ['__proto__'], undefined],
  ])('%s %j is %s', (method, segments, path) => {
    expect(table.find(method, segments)?.path).toBe(path);
  });

  test('Allow is what all rows of a path take', () => {
    expect(allowOf(table.ofPath(['nodes', 'a', 'x']))).toBe('GET, HEAD, PUT, POST, OPTIONS');
    expect(allowOf(table.ofPath(['nodes', 'a', 'images', '00']))).toBe('PUT, GET, HEAD, POST, OPTIONS');
    expect(table.ofPath(['elsewhere'])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { parseCoapUri } from './coap.ts';

describe('a coap: URI', () => {
  it.each([
    ['coap://127.0.0.1:5701/node', { host: '127.0.0.1', port: 5701, path: ['node'], query: [] }],
    ['coap://board', { host: 'board', port: 5683, path: [], query: [] }],
    ['coap://board/', { host: 'board', port: 5683, path: [], query: [] }],
    ['coap://[::1]:61616/a', { host: '::1', port: 61_616, path: ['a'], query: [] }],
    ['coap://board/a%2Fb/c%20d', { host: 'board', port: 5683, path: ['a/b', 'c d'], query: [] }],
    ['coap://board/a//b', { host: 'board', port: 5683, path: ['a', '', 'b'], query: [] }],
    ['coap://board/a?x=1&y=%26', { host: 'board', port: 5683, path: ['a'], query: ['x=1', 'y=&'] }],
    ['COAP://board/A', { host: 'board', port: 5683, path: ['A'], query: [] }],
  ])('%s is taken apart', (text, target) => {
    expect(parseCoapUri(text)).toEqual(target);
  });

  it.each([
    'node',
    '',
    'http://board/',
    'coaps://board/',
    'coap:///node',
    'coap://user@board/',
    'coap://board/#part',
    'coap://board:99999/',
    'coap://board/%zz',
  ])('"%s" is refused', (text) => {
    expect(() => parseCoapUri(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

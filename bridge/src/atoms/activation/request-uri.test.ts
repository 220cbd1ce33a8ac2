import { describe, expect, it } from 'vitest';
import { parseRequestUri } from './request-uri.ts';

describe('the URI of an own request', () => {
  it.each([
    ['/', { path: [], query: [] }],
    ['/a/rain/level?unit=mm&x', { path: ['a', 'rain', 'level'], query: ['unit=mm', 'x'] }],
    ['/a/%41%2Fb?q=%26', { path: ['a', 'A/b'], query: ['q=&'] }],
    ['//board-1/node', { node: 'board-1', path: ['node'], query: [] }],
    ['coap://host:5683/a?b', { proxyUri: 'coap://host:5683/a?b', path: [], query: [] }],
    ['coap://host', { proxyUri: 'coap://host', path: [], query: [] }],
  ])('%s is one', (uri, target) => {
    expect(parseRequestUri(uri)).toEqual(target);
  });

  it.each([
    '',
    'a',
    'node/x',
    '//',
    '//Board/x',
    '//board-1',
    'http://host/',
    'coap:///x',
    '/%zz',
    '/%ff',
    '/a b',
    '/a#b',
    '/ä',
  ])('%j is none', (uri) => {
    expect(parseRequestUri(uri)).toBeUndefined();
  });
});

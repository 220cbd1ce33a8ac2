import { expect, test } from 'vitest';
import { parseAtomPath } from '../commands/call.ts';
import { parseAsked } from './requests.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test.each([
  ['get level', 1, ['a', 'rain', 'level'], ''],
  ['get level/day?unit=mm', 1, ['a', 'rain', 'level', 'day'], ''],
  ['post say hello  there', 2, ['a', 'rain', 'say'], 'hello  there'],
  ['  put threshold 5', 3, ['a', 'rain', 'threshold'], '5'],
  ['delete level', 4, ['a', 'rain', 'level'], ''],
  ['send a message', 2, ['m', 'rain'], 'a message'],
  ['feed rain0 2.5', 3, ['io', 'rain0'], '2.5'],
])('%s', (line, method, path, payload) => {
  const request = parseAsked(line).request('rain');
  expect(request).toMatchObject({ method, path });
  expect(text(request.payload)).toBe(payload);
});

test.each(['', 'jump up', 'get', 'feed', 'GET level'])('"%s" asks nothing', (line) => {
  expect(() => parseAsked(line)).toThrow(/asks nothing|names nothing/);
});

test('a resource of an atom or an instance', () => {
  expect(parseAtomPath('worker~2/jobs/last?a=1&b')).toEqual({
    atom: 'worker',
    instance: 'worker~2',
    path: ['jobs', 'last'],
    query: ['a=1', 'b'],
  });
});

test.each(['rain', 'rain/', '/level', 'Rain/level', 'a~/x', ''])('"%s" is none', (resource) => {
  expect(() => parseAtomPath(resource)).toThrow('is no resource of an atom');
});

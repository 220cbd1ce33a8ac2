import { expect, test } from 'vitest';
import { createPlaces, Place } from './places.ts';
import type { Route } from './routes/index.ts';

const route: Route = {
  path: '/{path...}',
  methods: ['GET'],
  right: 'read',
  summary: '',
  handle: () => ({ status: 200, headers: {}, body: '' }),
};
const place = new Place({ segments: [], query: [] }, route);

test('the newest thousand are known; long ones and those with a query are not', () => {
  const places = createPlaces();
  for (let at = 0; at <= 1_024; at += 1) places.add(`/${at}`, place);
  places.add(`/${'x'.repeat(256)}`, place);
  places.add('/x?q=1', place);
  const known = ['/0', '/1', '/1024', `/${'x'.repeat(256)}`, '/x?q=1'].filter((target) => places.get(target));
  expect(known).toEqual(['/1', '/1024']);
});
